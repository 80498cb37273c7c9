import type { Sender, SenderVerdict } from '../adapter.js';
import { isSignature } from '../sender/sender-signature.js';
import { isEqual } from '../sender/sender-token.js';

/** One header for both: the hex HMAC of the body where `use_secret_for_signing` is set, else the secret itself. */
export function authenticateSender(sender: Sender): SenderVerdict {
  const given = sender.headers['x-jfrog-event-auth'];
  const secret = sender.secrets.secret ?? '';
  const verdicts = [
    isSignature(given, sender, { algorithm: 'sha256' }),
    isEqual(typeof given === 'string' ? given : '', secret),
  ];
  return secret !== '' && verdicts.includes(true) ? 'ok' : 'refused';
}
