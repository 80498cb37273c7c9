import type { Sender, SenderVerdict } from '../adapter.js';
import { isSignature } from '../sender/sender-signature.js';

/** Forgejo sends both. */
const HEADERS = ['x-forgejo-signature', 'x-gitea-signature'];

/** Each of its own signatures that is there must be right, an empty one too: it is what a webhook without a secret sends. */
export function authenticateSender(sender: Sender): SenderVerdict {
  const given = HEADERS.map((name) => sender.headers[name]).filter((value) => value !== undefined);
  const verdicts = given.map((value) => isSignature(value, sender, { algorithm: 'sha256' }));
  return verdicts.length > 0 && !verdicts.includes(false) ? 'ok' : 'refused';
}
