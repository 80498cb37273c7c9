import { ALERT_CHANGES, type AlertChange, AlertChannels, type AlertRoute } from '#application';
import { assertUnreachable } from '#domain';
import { ChannelConfigError } from './channel-config.errors.js';
import type { ChannelConfig, ChannelSurroundings } from './channel-config.js';
import { SlackChannel } from './slack/channel.js';
import { StandardWebhookChannel } from './standard-webhook/channel.js';

/** People are not told that somebody is at it already. */
const FOR_PEOPLE: readonly AlertChange[] = ALERT_CHANGES.filter((change) => change !== 'restoring');

/** The channels of a configuration. Throws `ChannelConfigError` for the first that can't work. */
export function createAlertChannels(
  configs: readonly ChannelConfig[],
  surroundings: Partial<ChannelSurroundings> = {},
): AlertChannels {
  const { publicUrl = null, nowMs = Date.now } = surroundings;
  const seen = new Set<string>();
  const routes = configs.map((config) => {
    if (seen.has(config.name)) throw new ChannelConfigError(config.name, 'two channels have this name; rename one.');
    seen.add(config.name);
    return routeOf(config, { publicUrl, nowMs });
  });
  return new ConfiguredAlertChannels(routes);
}

function routeOf(config: ChannelConfig, surroundings: ChannelSurroundings): AlertRoute {
  switch (config.type) {
    case 'slack':
      return { channel: new SlackChannel(config, surroundings), on: new Set(config.on ?? FOR_PEOPLE) };
    case 'webhook':
      return { channel: new StandardWebhookChannel(config, surroundings), on: new Set(config.on ?? ALERT_CHANGES) };
    default:
      return assertUnreachable(config);
  }
}

class ConfiguredAlertChannels extends AlertChannels {
  constructor(private readonly routes: readonly AlertRoute[]) {
    super();
  }

  list(): readonly AlertRoute[] {
    return this.routes;
  }
}
