import { type Digest, MalformedManifestError, partsOfManifest } from '#domain';
import type { KeptManifest } from '../ports/vault.js';

/** A manifest as the vault keeps it; null where its bytes are no manifest. */
export function describeManifest(digest: Digest, mediaType: string, bytes: Buffer): KeptManifest | null {
  try {
    return { digest, mediaType, bytes, ...partsOfManifest(bytes) };
  } catch (error) {
    if (error instanceof MalformedManifestError) return null;
    throw error;
  }
}
