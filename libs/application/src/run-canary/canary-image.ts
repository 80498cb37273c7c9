import { type Digest, digestOfBytes } from '#domain';
import type { Manifest } from '../ports/registry-client.js';

export type Blob = { readonly digest: Digest; readonly bytes: Buffer };
export type CanaryImage = Manifest & { readonly blobs: readonly Blob[] };

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar';

/** An empty tar archive: two blocks of zeros. */
const EMPTY_TAR = Buffer.alloc(1024);

/**
 * An image of a few hundred bytes that runs nothing. The same mark gives the same image, and all have the same blobs, so that each run
 * leaves no more behind than one manifest, which the registry's garbage collection takes.
 */
export function canaryImage(mark: string): CanaryImage {
  const layer = blobOf(EMPTY_TAR);
  const config = blobOf(
    jsonOf({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
  );
  const bytes = jsonOf({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: { mediaType: CONFIG, digest: config.digest, size: config.bytes.length },
    layers: [{ mediaType: LAYER, digest: layer.digest, size: layer.bytes.length }],
    annotations: { 'org.opencontainers.image.title': 'Tagwarden canary', 'org.opencontainers.image.version': mark },
  });
  return { digest: digestOfBytes(bytes), mediaType: MANIFEST, bytes, blobs: [config, layer] };
}

const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const blobOf = (bytes: Buffer): Blob => ({ digest: digestOfBytes(bytes), bytes });
