import type { Content, TestImage, TestIndex } from './images.js';

export type Credentials = { readonly username: string; readonly password: string };
export type RequestOptions = { readonly auth?: Credentials };

/** The four types that a manifest comes in; without them a registry may convert or refuse. */
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/**
 * What a client does to a registry, as bare requests and sharing no code with the product, so that tests can act as somebody else. Each
 * throws with the registry's own words unless it answers as wished.
 */
export async function pushImage(
  registry: string,
  repository: string,
  reference: string,
  image: TestImage,
  options: RequestOptions = {},
): Promise<string> {
  for (const blob of image.blobs) await putBlob(registry, repository, blob, options);
  return putManifest(registry, repository, reference, image, options);
}

/** Children first, by digest, as the specification demands; then the index under the reference. */
export async function pushIndex(
  registry: string,
  repository: string,
  reference: string,
  index: TestIndex,
  options: RequestOptions = {},
): Promise<string> {
  for (const image of index.images) await pushImage(registry, repository, image.digest, image, options);
  return putManifest(registry, repository, reference, index, options);
}

/** Answers the digest that the registry gave it. */
export async function putManifest(
  registry: string,
  repository: string,
  reference: string,
  manifest: Pick<Content, 'mediaType' | 'bytes'>,
  options: RequestOptions = {},
): Promise<string> {
  const answer = await send(`${registry}/v2/${repository}/manifests/${reference}`, options, {
    method: 'PUT',
    headers: { 'content-type': manifest.mediaType },
    body: new Uint8Array(manifest.bytes),
  });
  await expectStatus(answer, 201);
  return answer.headers.get('docker-content-digest') ?? '';
}

export async function deleteManifest(
  registry: string,
  repository: string,
  digest: string,
  options: RequestOptions = {},
): Promise<void> {
  const answer = await send(`${registry}/v2/${repository}/manifests/${digest}`, options, { method: 'DELETE' });
  await expectStatus(answer, 202);
}

/** The digest and type that a tag (or digest) has now; null where there is none. */
export async function headTag(
  registry: string,
  repository: string,
  reference: string,
  options: RequestOptions = {},
): Promise<Pick<Content, 'digest' | 'mediaType'> | null> {
  const answer = await send(`${registry}/v2/${repository}/manifests/${reference}`, options, {
    method: 'HEAD',
    headers: { accept: MANIFEST_TYPES },
  });
  return describe(answer);
}

/** Like `headTag`, with the bytes. */
export async function getTag(
  registry: string,
  repository: string,
  reference: string,
  options: RequestOptions = {},
): Promise<Content | null> {
  const answer = await send(`${registry}/v2/${repository}/manifests/${reference}`, options, {
    headers: { accept: MANIFEST_TYPES },
  });
  const described = await describe(answer);
  return described && { ...described, bytes: Buffer.from(await answer.arrayBuffer()) };
}

async function describe(answer: Response): Promise<Pick<Content, 'digest' | 'mediaType'> | null> {
  if (answer.status === 404) {
    await answer.arrayBuffer();
    return null;
  }
  if (answer.status !== 200) await expectStatus(answer, 200);
  return {
    digest: answer.headers.get('docker-content-digest') ?? '',
    mediaType: answer.headers.get('content-type') ?? '',
  };
}

async function putBlob(registry: string, repository: string, blob: Content, options: RequestOptions): Promise<void> {
  const present = await send(`${registry}/v2/${repository}/blobs/${blob.digest}`, options, { method: 'HEAD' });
  if (present.status === 200) return;
  const opened = await send(`${registry}/v2/${repository}/blobs/uploads/`, options, { method: 'POST' });
  await expectStatus(opened, 202);
  const upload = new URL(opened.headers.get('location') ?? '', registry);
  upload.searchParams.set('digest', blob.digest);
  const stored = await send(upload.href, options, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body: new Uint8Array(blob.bytes),
  });
  await expectStatus(stored, 201);
}

function send(url: string, { auth }: RequestOptions, request: RequestInit): Promise<Response> {
  const headers = new Headers(request.headers);
  if (auth) headers.set('authorization', `Basic ${btoa(`${auth.username}:${auth.password}`)}`);
  return fetch(url, { ...request, headers });
}

/** Also reads the answer to its end, which frees its connection. */
async function expectStatus(answer: Response, wished: number): Promise<void> {
  const words = await answer.text();
  if (answer.status === wished) return;
  const path = new URL(answer.url).pathname;
  throw new Error(
    `The registry answered ${answer.status} instead of ${wished} to ${path}: ${words.slice(0, 500).trim()}`,
  );
}
