import { DomainError } from '#domain';

/** A channel whose configuration can't work: `ALERT_CHANNEL_MISCONFIGURED`. */
export class ChannelConfigError extends DomainError {
  constructor(channel: string, problem: string) {
    super('ALERT_CHANNEL_MISCONFIGURED', `Alert channel "${channel}" can't be used: ${problem}`);
  }
}
