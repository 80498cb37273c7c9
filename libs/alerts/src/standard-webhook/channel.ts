import type { Webhook } from 'standardwebhooks';
import { type Alert, AlertChannel, type DeliveryReceipt } from '#application';
import type { ChannelSurroundings, StandardWebhookConfig } from '../channel-config.js';
import { HttpSender } from '../http-sender.js';
import { parseReceiverUrl } from '../receiver-url.js';
import { standardWebhookPayload } from './payload.js';
import { parseSigningSecret } from './signing-secret.js';

/** POSTs the alert signed per Standard Webhooks 1.0 (https://www.standardwebhooks.com). Throws `ChannelConfigError`. */
export class StandardWebhookChannel extends AlertChannel {
  readonly name: string;
  readonly #sender: HttpSender;
  readonly #signer: Webhook;
  readonly #surroundings: ChannelSurroundings;

  constructor(config: StandardWebhookConfig, surroundings: ChannelSurroundings) {
    super();
    this.name = config.name;
    this.#signer = parseSigningSecret(config.name, config.secret);
    this.#sender = new HttpSender(parseReceiverUrl(config), { allowPrivate: config.allowPrivate });
    this.#surroundings = surroundings;
  }

  async send(alert: Alert): Promise<DeliveryReceipt> {
    const body = JSON.stringify(standardWebhookPayload(alert, this.#surroundings.publicUrl));
    // The time of this attempt, not of the change: receivers refuse what is older than minutes as a replay.
    const signedAt = new Date(this.#surroundings.nowMs());
    const headers = {
      'webhook-id': alert.messageId,
      'webhook-timestamp': String(Math.floor(signedAt.getTime() / 1000)),
      'webhook-signature': this.#signer.sign(alert.messageId, signedAt, body),
    };
    return this.#sender.post(headers, body);
  }
}
