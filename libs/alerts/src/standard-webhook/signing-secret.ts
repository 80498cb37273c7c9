import { Webhook } from 'standardwebhooks';
import { ChannelConfigError } from '../channel-config.errors.js';

const PREFIX = 'whsec_';
/** Standard Webhooks, "Signature scheme": 24 to 64 bytes. */
const SHORTEST_KEY = 24;

/** The signer of a `whsec_…` secret. Throws `ChannelConfigError`, which never shows the secret. */
export function parseSigningSecret(channel: string, secret: string): Webhook {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const wellFormed = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) && encoded.length % 4 === 0;
  if (!wellFormed || Buffer.from(encoded, 'base64').length < SHORTEST_KEY) {
    throw new ChannelConfigError(
      channel,
      `its secret must be ${PREFIX} followed by at least ${SHORTEST_KEY} bytes in base64; make one with: echo ${PREFIX}$(openssl rand -base64 32).`,
    );
  }
  return new Webhook(secret);
}
