import { type Alert, AlertChannel, type DeliveryReceipt } from '#application';
import type { ChannelSurroundings, SlackConfig } from '../channel-config.js';
import { HttpSender } from '../http-sender.js';
import { parseReceiverUrl } from '../receiver-url.js';
import { slackMessage } from './message.js';

/**
 * A Slack incoming webhook. Its URL is the secret. Slack drops no repetitions: an alert whose answer got lost appears twice, with
 * the same violation id. Throws `ChannelConfigError`.
 */
export class SlackChannel extends AlertChannel {
  readonly name: string;
  readonly #sender: HttpSender;
  readonly #publicUrl: string | null;

  constructor(config: SlackConfig, surroundings: ChannelSurroundings) {
    super();
    this.name = config.name;
    this.#sender = new HttpSender(parseReceiverUrl(config), { allowPrivate: config.allowPrivate });
    this.#publicUrl = surroundings.publicUrl;
  }

  async send(alert: Alert): Promise<DeliveryReceipt> {
    return this.#sender.post({}, JSON.stringify(slackMessage(alert, this.#publicUrl)));
  }
}
