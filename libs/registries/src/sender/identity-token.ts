import { epochMsOf, type Instant } from '#domain';
import type { PublicDocuments, Sender } from '../adapter.js';

export type IdentityDemand = {
  /** Where the issuer publishes its keys (JWKS); the adapter has pinned the host. */
  readonly keys: URL;
  readonly issuers: readonly string[];
  readonly audience: string;
  readonly receivedAt: Instant;
};

/** How far the issuer's clock may be from ours. */
const LEEWAY_SECONDS = 60;
const MAX_TOKEN = 16_384;

/** The one token of `Authorization: Bearer`; null where there is none, or more than one. */
export function findBearer({ headers }: Pick<Sender, 'headers'>): string | null {
  const { authorization } = headers;
  const token =
    typeof authorization === 'string' ? (/^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization)?.[1] ?? '') : '';
  return token === '' || token.length > MAX_TOKEN ? null : token;
}

/**
 * The claims of an OpenID Connect token that the issuer signed for us and that holds now; null for any other. Rejects where the keys
 * cannot be had.
 */
export async function findIdentity(
  token: string,
  { keys, issuers, audience, receivedAt }: IdentityDemand,
  documents: PublicDocuments,
): Promise<Readonly<Record<string, unknown>> | null> {
  // An empty audience would be one that every token lacks, and no demand at all.
  if (audience === '' || issuers.length === 0) return null;
  const published = await documents.fetchText(keys);
  const { createLocalJWKSet, jwtVerify } = await import('jose');
  try {
    const { payload } = await jwtVerify(token, createLocalJWKSet(JSON.parse(published)), {
      algorithms: ['RS256'],
      audience,
      issuer: [...issuers],
      currentDate: new Date(epochMsOf(receivedAt)),
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['exp', 'iat'],
    });
    return payload;
  } catch {
    // Signed by nobody that we know, for somebody else, over, or no token: all the same to the sender.
    return null;
  }
}
