import { MalformedManifestError, partsOfManifest } from '#domain';
import type { Manifest } from '../ports/registry-client.js';
import type { KeptManifest } from '../ports/vault.js';

/** A manifest as the vault keeps it; null where its bytes are no manifest. */
export function describeManifest(manifest: Manifest): KeptManifest | null {
  try {
    return { ...manifest, ...partsOfManifest(manifest.bytes) };
  } catch (error) {
    if (error instanceof MalformedManifestError) return null;
    throw error;
  }
}
