import { createHash, timingSafeEqual } from 'node:crypto';
import type { Sender, SenderProof } from '../adapter.js';

export const SENDS_TOKEN: SenderProof = { secrets: ['token'], needsBody: false };

/**
 * A shared token, wherever registries can put one: `Authorization: Bearer <t>`, Basic with any user and the token as password,
 * `Authorization: <t>`, or `?token=<t>`. Takes the same time whichever of them is wrong, and wherever it differs.
 */
export function authenticateByToken({ headers, query, secrets }: Sender): 'ok' | 'refused' {
  const { authorization } = headers;
  const given = [...candidates(typeof authorization === 'string' ? authorization : ''), query.token];
  const expected = secrets.token ?? '';
  const matches = given.map((candidate) => isEqual(typeof candidate === 'string' ? candidate : '', expected));
  // An empty token would let in everyone who sends nothing.
  return expected !== '' && matches.includes(true) ? 'ok' : 'refused';
}

function candidates(authorization: string): string[] {
  const bearer = /^Bearer +(.*)$/i.exec(authorization)?.[1] ?? '';
  const basic = Buffer.from(/^Basic +(.*)$/i.exec(authorization)?.[1] ?? '', 'base64').toString('utf8');
  return [authorization, bearer, basic.slice(basic.indexOf(':') + 1)];
}

/** In constant time: hashing first gives both sides one length, which timingSafeEqual needs and which hides the secret's own. */
export function isEqual(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}
