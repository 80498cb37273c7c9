import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

export type Content = { readonly digest: string; readonly mediaType: string; readonly bytes: Buffer };
export type Platform = { readonly os: string; readonly architecture: string };

export type TestImage = Content & {
  readonly platform: Platform;
  /** The configuration and the layer. */
  readonly blobs: readonly Content[];
};
export type TestIndex = Content & { readonly images: readonly TestImage[] };

const AMD64: Platform = { os: 'linux', architecture: 'amd64' };
const ARM64: Platform = { os: 'linux', architecture: 'arm64' };

/** A small image that any client accepts: one seed, one digest. */
export function buildImage(seed: string, platform: Platform = AMD64): TestImage {
  const tar = tarOf('seed.txt', Buffer.from(`${seed} for ${platform.os}/${platform.architecture}\n`));
  const layer = content(OCI_LAYER, gzipSync(tar));
  const config = json(OCI_CONFIG, {
    created: '2026-01-01T00:00:00Z',
    ...platform,
    config: {},
    rootfs: { type: 'layers', diff_ids: [sha256(tar)] },
    history: [{ created: '2026-01-01T00:00:00Z', created_by: 'tagwarden test' }],
  });
  const manifest = json(OCI_MANIFEST, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { ...manifest, platform, blobs: [config, layer] };
}

/** A multi-platform image. */
export function buildIndex(seed: string, platforms: readonly Platform[] = [AMD64, ARM64]): TestIndex {
  const images = platforms.map((platform) => buildImage(seed, platform));
  const index = json(OCI_INDEX, {
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: images.map((image) => ({ ...descriptor(image), platform: image.platform })),
  });
  return { ...index, images };
}

/** An OCI image layout, tagged: `skopeo copy oci:<dir>:<tag> docker://…`. */
export async function writeOciLayout(image: TestImage | TestIndex, dir: string, tag = 'latest'): Promise<void> {
  const images = 'images' in image ? image.images : [image];
  const blobs = join(dir, 'blobs', 'sha256');
  await mkdir(blobs, { recursive: true });
  for (const { digest, bytes } of [image, ...images, ...images.flatMap((one) => one.blobs)]) {
    await writeFile(join(blobs, digest.slice('sha256:'.length)), bytes);
  }
  await writeFile(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const manifests = [{ ...descriptor(image), annotations: { 'org.opencontainers.image.ref.name': tag } }];
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

function json(mediaType: string, value: unknown): Content {
  return content(mediaType, Buffer.from(JSON.stringify(value)));
}

function content(mediaType: string, bytes: Buffer): Content {
  return { digest: sha256(bytes), mediaType, bytes };
}

function descriptor({ mediaType, digest, bytes }: Content) {
  return { mediaType, digest, size: bytes.length };
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A ustar archive of one file: header, padded content, two empty blocks. */
function tarOf(name: string, file: Buffer): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8) + octal(0, 8) + octal(0, 8) + octal(file.length, 12) + octal(0, 12), 100);
  // The checksum is taken with its own field blank.
  header.write('        0', 148);
  header.write('ustar\0' + '00', 257);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  const padding = Buffer.alloc((512 - (file.length % 512)) % 512);
  return Buffer.concat([header, file, padding, Buffer.alloc(1024)]);
}
