import type { KeptManifest, TransactionalQuery } from '#application';

/** Keeps what is new. Content-addressed: what is there already is the same. */
export async function keepManifestRows(query: TransactionalQuery, manifests: readonly KeptManifest[]): Promise<void> {
  for (const manifest of manifests) {
    // One row a statement: arrays of arrays must be rectangular for unnest, and a vault grows by a few manifests at a time.
    await query(
      `INSERT INTO manifest (digest, media_type, bytes, children, blobs, kept_at) VALUES ($1, $2, $3, $4::text[], $5::text[], now())
       ON CONFLICT (digest) DO NOTHING`,
      [manifest.digest, manifest.mediaType, manifest.bytes, manifest.children, manifest.blobs],
    );
  }
}
