import { createHmac } from 'node:crypto';
import type { Sender, SenderProof } from '../adapter.js';
import { isEqual } from './sender-token.js';

export const SIGNS_BODY: SenderProof = { secrets: ['secret'], needsBody: true };

/**
 * Whether a header's value is the hex HMAC of the raw body with the configured secret, `prefix` in front. In constant time. A header that
 * is absent, empty or given more than once proves nothing, and neither does an empty secret.
 */
export function isSignature(
  value: unknown,
  { body, secrets }: Sender,
  { algorithm, prefix = '' }: { readonly algorithm: 'sha256' | 'sha1'; readonly prefix?: string },
): boolean {
  const secret = secrets.secret ?? '';
  const expected = `${prefix}${createHmac(algorithm, secret).update(body).digest('hex')}`;
  const isRight = isEqual(typeof value === 'string' ? value : '', expected);
  return isRight && secret !== '';
}
