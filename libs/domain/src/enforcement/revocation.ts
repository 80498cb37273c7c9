import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';

/** A digest that people have found to be bad: it is never put back under a tag, nor accepted as a seal. */
export type Revocation = {
  readonly digest: Digest;
  readonly reason: string;
  readonly revokedBy: string;
  readonly revokedAt: Instant;
};

/** Who revoked what the digest is, or lists, when and why. `digest` is the one asked about. */
export function explainRevocation(digest: Digest, revocation: Revocation): string {
  const { revokedBy, revokedAt, reason } = revocation;
  const what =
    revocation.digest === digest ? `The digest ${digest}` : `The index ${digest} lists ${revocation.digest}, which`;
  return `${what} was revoked by ${revokedBy} at ${revokedAt} (${endless(reason)}).`;
}

const endless = (sentence: string): string => sentence.replace(/\.+$/, '');
