import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Content, TestImage, TestIndex } from './images.js';

export type FakeRegistryOptions = {
  /** `bearer` has its token service at `/token`, which asks for the same user and password. */
  readonly auth?: {
    readonly type: 'basic' | 'bearer';
    readonly username: string;
    readonly password: string;
    readonly tokenSeconds?: number;
  };
  /** Drops an overwritten manifest at once, as zot does. */
  readonly forgetOverwritten?: boolean;
  /** Sends distribution's notifications there, one event a request, in order, each until it is taken. */
  readonly notify?: { readonly url: string; readonly headers?: Readonly<Record<string, string>> };
  /** Refuses the catalog to everybody, as many registries do. */
  readonly hidesCatalog?: boolean;
  /** How long after its push event a tag is written. The event is never later than the tag, as in the real registry. */
  readonly tagDelayMs?: number;
  /** What a vendor has beside the distribution-spec, asked first; null where a request is not for it. */
  readonly vendor?: (request: FakeRequest) => Promise<FakeReply | null> | FakeReply | null;
  /** Drops a manifest with its last tag, as some vendors do. */
  readonly dropsUntagged?: boolean;
  /** Begins an upload where a mount was asked for, as registries may. */
  readonly refusesMounts?: boolean;
};

/** How the registry answers who would change a tag that it holds immutable. */
export type OverwriteRefusal = { readonly status: number; readonly code: string; readonly message: string };

/** Requests that wait at the door. */
export type Held = {
  /** Resolves when the first of them is there. */
  readonly arrived: Promise<void>;
  release(): void;
};

export type FakeCall = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  status: number;
};

type Stored = Pick<Content, 'digest' | 'mediaType' | 'bytes'>;
type Repository = {
  readonly manifests: Map<string, Stored>;
  readonly tags: Map<string, string>;
  readonly blobs: Map<string, Buffer>;
};
export type FakeReply = { status: number; headers?: Record<string, string>; body?: string | Buffer };
export type FakeRequest = { method: string; url: URL; headers: IncomingMessage['headers']; body: Buffer };
type Reply = FakeReply;
type Request = FakeRequest;
type Target = { repository: string; digest?: string; tag?: string; mediaType?: string; url?: string };

const sha256 = (bytes: Buffer | string) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const failure = (status: number, code: string, ...details: unknown[]): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: json({ errors: (details.length > 0 ? details : [null]).map((detail) => ({ code, message: code, detail })) }),
});

/** Names in order after `last`, `n` of them, and the link to the next page. */
function pageOf(
  names: readonly string[],
  url: URL,
  usual: number,
): { page: string[]; headers: Record<string, string> } {
  const last = url.searchParams.get('last') ?? '';
  const size = Number(url.searchParams.get('n') ?? usual);
  const rest = [...names].sort().filter((name) => name > last);
  const page = rest.slice(0, size);
  const next = `<${url.pathname}?n=${size}&last=${encodeURIComponent(page.at(-1) ?? '')}>; rel="next"`;
  return { page, headers: rest.length > page.length ? { link: next } : {} };
}

class Gate {
  open: () => void = () => undefined;
  readonly opened = new Promise<void>((resolve) => {
    this.open = resolve;
  });
}

/**
 * A registry in this process, on a port of 127.0.0.1. It follows the distribution-spec for manifests, blobs, tags and deletion
 * by tag or digest, and passes the client's contract suite like the real one.
 */
export class FakeRegistry {
  /** Every request that came, oldest first. */
  readonly calls: FakeCall[] = [];
  /** How many connections were ever opened. */
  connections = 0;
  readonly #options: FakeRegistryOptions;
  readonly #repositories = new Map<string, Repository>();
  readonly #uploads = new Map<string, Buffer>();
  readonly #tokens = new Map<string, { scopes: readonly string[]; expiresAt: number }>();
  readonly #failures: Reply[] = [];
  readonly #holds: { matches: (request: Request) => boolean; arrive: () => void; released: Promise<void> }[] = [];
  #overwriteRefusal: OverwriteRefusal | null = null;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((request, response) => {
    // A client that went away, or `down()`.
    this.#serve(request, response).catch(() => response.destroy());
  });
  #delivery: Promise<void> = Promise.resolve();
  #isDown = false;
  #isStopped = false;

  private constructor(options: FakeRegistryOptions) {
    this.#options = options;
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      if (this.#isDown) socket.destroy();
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  static async start(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
    const registry = new FakeRegistry(options);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.down();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#delivery;
  }

  /** Resets every connection, until `up()`. */
  down(): void {
    this.#isDown = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  up(): void {
    this.#isDown = false;
  }

  /** Answers the next requests below `/v2/` like this, before looking at them. */
  failNext(status: number, times = 1, headers: Record<string, string> = {}): void {
    for (let n = 0; n < times; n++) this.#failures.push({ ...failure(status, 'FAKED'), headers });
  }

  /** Holds every tag immutable from now on, against the digest that it points at too; null: no more. */
  refuseOverwrites(refusal: OverwriteRefusal | null): void {
    this.#overwriteRefusal = refusal;
  }

  /** Lets requests for manifests with this method and reference wait, before they have any effect, until they are released. */
  hold(method: string, reference: string): Held {
    const arrived = new Gate();
    const released = new Gate();
    const matches = (request: Request) =>
      request.method === method && request.url.pathname.endsWith(`/manifests/${reference}`);
    const hold = { matches, arrive: arrived.open, released: released.opened };
    this.#holds.push(hold);
    const release = () => {
      this.#holds.splice(this.#holds.indexOf(hold), 1);
      released.open();
    };
    return { arrived: arrived.opened, release };
  }

  /** Every token given so far is no longer taken. */
  expireTokens(): void {
    this.#tokens.clear();
  }

  /** Resolves when every notification so far has been taken. */
  delivered(): Promise<void> {
    return this.#delivery;
  }

  /** A push by somebody else, with everything it needs. `silently`: the notification is lost. */
  async push(repository: string, reference: string, content: TestImage | TestIndex, silently = false): Promise<void> {
    const { blobs, manifests } = this.#repository(repository);
    const images = 'images' in content ? content.images : [content];
    for (const blob of images.flatMap((image) => image.blobs)) blobs.set(blob.digest, blob.bytes);
    if ('images' in content) for (const image of images) manifests.set(image.digest, image);
    const reply = await this.#put(repository, reference, content, silently);
    if (reply.status !== 201) throw new Error(`The fake registry refused its own push: ${reply.body}`);
  }

  /** What a tag points at, or null. */
  findTag(repository: string, tag: string): string | null {
    return this.#repository(repository).tags.get(tag) ?? null;
  }

  hasManifest(repository: string, digest: string): boolean {
    return this.#repository(repository).manifests.has(digest);
  }

  /** Binds a tag to a manifest that is there, without a word, as a vendor's own API does. False where it is not there. */
  retag(repository: string, tag: string, digest: string): boolean {
    const { manifests, tags } = this.#repository(repository);
    if (!manifests.has(digest)) return false;
    tags.set(tag, digest);
    return true;
  }

  /** The names of all repositories that hold a manifest. */
  get repositories(): readonly string[] {
    return [...this.#repositories].filter(([, { manifests }]) => manifests.size > 0).map(([name]) => name);
  }

  /** Deletes a tag, or a manifest with its tags, as a client's DELETE would. False where it does not exist. */
  deleteReference(repository: string, reference: string, silently = false): boolean {
    return this.#delete(repository, reference, silently).status === 202;
  }

  /** A blob that no manifest names. Answers its digest. */
  addBlob(repository: string, bytes: Buffer): string {
    const digest = sha256(bytes);
    this.#repository(repository).blobs.set(digest, bytes);
    return digest;
  }

  hasBlob(repository: string, digest: string): boolean {
    return this.#repository(repository).blobs.has(digest);
  }

  /** Uploads that were begun, and neither ended nor called off. */
  get openUploads(): number {
    return this.#uploads.size;
  }

  /** Takes a blob or a manifest away without a word, as garbage collection does. */
  collectGarbage(repository: string, digest: string): void {
    this.#repository(repository).blobs.delete(digest);
    this.#repository(repository).manifests.delete(digest);
  }

  #repository(name: string): Repository {
    const known = this.#repositories.get(name) ?? { manifests: new Map(), tags: new Map(), blobs: new Map() };
    this.#repositories.set(name, known);
    return known;
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = 'GET', url = '/', headers } = incoming;
    const call: FakeCall = { method, path: url, headers, status: 0 };
    this.calls.push(call);
    const request = { method, url: new URL(url, this.url), headers, body: Buffer.concat(chunks) };
    const hold = this.#holds.find(({ matches }) => matches(request));
    hold?.arrive();
    await hold?.released;
    const reply = await this.#answer(request);
    call.status = reply.status;
    const body = reply.body ?? '';
    response.writeHead(reply.status, { 'content-length': Buffer.byteLength(body), ...reply.headers });
    response.end(method === 'HEAD' ? undefined : body);
  }

  async #answer(request: Request): Promise<Reply> {
    const { pathname } = request.url;
    const own = await this.#options.vendor?.(request);
    if (own) return own;
    if (pathname === '/token') return this.#giveToken(request);
    const failing = this.#failures.shift();
    if (failing) return failing;
    const [, repository = '', kind = '', rest = ''] =
      /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags)\/([^/]*)$/.exec(pathname) ?? [];
    const denied = this.#denied(request, repository);
    if (denied) return denied;
    if (pathname === '/v2/') return { status: 200, body: '{}' };
    if (pathname === '/v2/_catalog') return this.#listRepositories(request.url);
    if (kind === 'manifests') return this.#manifest(request, repository, rest);
    if (kind === 'blobs/uploads') return this.#upload(request, repository, rest);
    if (kind === 'blobs') return this.#blob(request, repository, rest);
    if (kind === 'tags' && rest === 'list') return this.#listTags(request.url, repository);
    return failure(404, 'UNSUPPORTED');
  }

  async #manifest(request: Request, repository: string, reference: string): Promise<Reply> {
    if (request.method === 'DELETE') return this.#delete(repository, reference);
    if (request.method === 'PUT') {
      const mediaType = request.headers['content-type'] ?? '';
      return this.#put(repository, reference, { digest: sha256(request.body), mediaType, bytes: request.body });
    }
    const { manifests, tags } = this.#repository(repository);
    const manifest = manifests.get(tags.get(reference) ?? reference);
    // A client that does not say it takes this type gets nothing, as with the real ones.
    if (!manifest || !request.headers.accept?.includes(manifest.mediaType)) return failure(404, 'MANIFEST_UNKNOWN');
    const { digest, mediaType, bytes } = manifest;
    this.#emit(
      'pull',
      { repository, digest, mediaType, ...(tags.has(reference) ? { tag: reference } : {}) },
      request.method,
    );
    return { status: 200, headers: { 'content-type': mediaType, 'docker-content-digest': digest }, body: bytes };
  }

  async #put(repository: string, reference: string, manifest: Stored, silently = false): Promise<Reply> {
    const { digest, mediaType } = manifest;
    const { manifests, tags } = this.#repository(repository);
    const isTag = !reference.includes(':');
    if (!isTag && reference !== digest) return failure(400, 'DIGEST_INVALID');
    const missing = this.#missing(repository, manifest);
    if (missing === null) return failure(400, 'MANIFEST_INVALID');
    if (missing.length > 0) return failure(400, 'MANIFEST_BLOB_UNKNOWN', ...missing);
    if (isTag && tags.has(reference) && this.#overwriteRefusal !== null) {
      const { status, code, message } = this.#overwriteRefusal;
      return { status, body: json({ errors: [{ code, message }] }) };
    }
    manifests.set(digest, manifest);
    if (!silently) this.#emit('push', { repository, digest, mediaType, ...(isTag ? { tag: reference } : {}) });
    if (isTag) {
      if (this.#options.tagDelayMs !== undefined) await sleep(this.#options.tagDelayMs);
      const before = tags.get(reference);
      tags.set(reference, digest);
      if (this.#options.forgetOverwritten && before !== undefined) this.#forget(repository, before);
    }
    const location = `/v2/${repository}/manifests/${digest}`;
    return { status: 201, headers: { location, 'docker-content-digest': digest } };
  }

  /** Whether a tag points at it, or an index lists it. */
  isNeeded(repository: string, digest: string): boolean {
    const { manifests, tags } = this.#repository(repository);
    const isListed = [...manifests.values()].some(({ bytes }) => bytes.includes(digest));
    return isListed || [...tags.values()].includes(digest);
  }

  #forget(repository: string, digest: string): void {
    if (!this.isNeeded(repository, digest)) this.#repository(repository).manifests.delete(digest);
  }

  #missing(repository: string, { bytes }: Stored): string[] | null {
    const { blobs, manifests } = this.#repository(repository);
    try {
      const { config, layers = [], manifests: children = [] } = JSON.parse(bytes.toString('utf8'));
      const needed: { digest: string }[] = [...(config ? [config] : []), ...layers, ...children];
      return needed.map(({ digest }) => digest).filter((digest) => !blobs.has(digest) && !manifests.has(digest));
    } catch {
      return null;
    }
  }

  #delete(repository: string, reference: string, silently = false): Reply {
    const { manifests, tags } = this.#repository(repository);
    const untagged = tags.get(reference);
    if (!(reference.includes(':') ? manifests.delete(reference) : tags.delete(reference)))
      return failure(404, 'MANIFEST_UNKNOWN');
    const emit = (target: Target) => silently || this.#emit('delete', target);
    if (!reference.includes(':')) {
      emit({ repository, tag: reference });
      if (this.#options.dropsUntagged && untagged !== undefined) this.#forget(repository, untagged);
    } else {
      emit({ repository, digest: reference });
      for (const [tag] of [...tags].filter(([, digest]) => digest === reference)) {
        tags.delete(tag);
        emit({ repository, tag });
      }
    }
    return { status: 202 };
  }

  #blob({ method, headers: asked }: Request, repository: string, digest: string): Reply {
    const { blobs } = this.#repository(repository);
    const bytes = blobs.get(digest);
    if (!bytes) return failure(404, 'BLOB_UNKNOWN', { digest });
    const mediaType = 'application/octet-stream';
    if (method === 'DELETE') {
      blobs.delete(digest);
      this.#emit('delete', { repository, digest });
      return { status: 202 };
    }
    this.#emit('pull', { repository, digest, mediaType, url: `${this.url}/v2/${repository}/blobs/${digest}` });
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(asked.range ?? '') ?? [];
    if (start !== undefined && end !== undefined) {
      const headers = { 'content-range': `bytes ${start}-${end}/${bytes.length}` };
      return { status: 206, headers, body: bytes.subarray(Number(start), Number(end) + 1) };
    }
    return { status: 200, headers: { 'docker-content-digest': digest, 'content-type': mediaType }, body: bytes };
  }

  /** POST begins; PATCH adds; PUT with the digest, and the rest of the blob, ends; DELETE calls off. A mount of a blob that is there ends at once. */
  #upload(request: Request, repository: string, id: string): Reply {
    const { method, url, body, headers } = request;
    const mounted = url.searchParams.get('mount') ?? '';
    const source = this.#repositories.get(url.searchParams.get('from') ?? '')?.blobs.get(mounted);
    const mountable = this.#options.refusesMounts === true ? undefined : source;
    const digest = mountable ? mounted : url.searchParams.get('digest');
    if (method === 'POST' && digest === null) return this.#uploading(repository, randomUUID(), Buffer.alloc(0));
    if (mountable && digest !== null) return this.#storeBlob(repository, digest, mountable, 'mount');
    const before = method === 'POST' ? Buffer.alloc(0) : this.#uploads.get(id);
    if (before === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN');
    const [start] = headers['content-range']?.split('-') ?? [];
    if (start !== undefined && Number(start) !== before.length) return failure(416, 'RANGE_INVALID');
    const bytes = Buffer.concat([before, body]);
    if (method === 'PATCH') return this.#uploading(repository, id, bytes);
    this.#uploads.delete(id);
    if (method === 'DELETE') return { status: 204 };
    return this.#storeBlob(repository, digest, bytes, 'push');
  }

  #uploading(repository: string, id: string, bytes: Buffer): Reply {
    this.#uploads.set(id, bytes);
    const location = `${this.url}/v2/${repository}/blobs/uploads/${id}?state=fake${bytes.length}`;
    return { status: 202, headers: { location } };
  }

  #storeBlob(repository: string, digest: string | null, bytes: Buffer, action: 'mount' | 'push'): Reply {
    if (digest === null || sha256(bytes) !== digest) return failure(400, 'DIGEST_INVALID');
    this.#repository(repository).blobs.set(digest, bytes);
    const location = `/v2/${repository}/blobs/${digest}`;
    this.#emit(action, { repository, digest, mediaType: 'application/octet-stream', url: `${this.url}${location}` });
    return { status: 201, headers: { location, 'docker-content-digest': digest } };
  }

  #listTags(url: URL, repository: string): Reply {
    const known = this.#repositories.get(repository);
    if (!known) return failure(404, 'NAME_UNKNOWN');
    const { page, headers } = pageOf([...known.tags.keys()], url, 100);
    return { status: 200, headers, body: json({ name: repository, tags: page.length > 0 ? page : null }) };
  }

  #listRepositories(url: URL): Reply {
    if (this.#options.hidesCatalog) return failure(401, 'UNAUTHORIZED');
    const { page, headers } = pageOf(this.repositories, url, 100);
    return { status: 200, headers, body: json({ repositories: page }) };
  }

  #denied({ method, headers, url }: Request, repository: string): Reply | null {
    const { auth } = this.#options;
    if (!auth) return null;
    const { authorization } = headers;
    const own = `repository:${repository}:${method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push'}`;
    const mountedFrom = url.searchParams.get('from');
    const scopes = mountedFrom === null ? [own] : [own, `repository:${mountedFrom}:pull`];
    const grant = this.#tokens.get(authorization?.replace(/^Bearer /, '') ?? '');
    const isScoped = repository === '' || scopes.every((scope) => grant?.scopes.includes(scope));
    const isLive = grant !== undefined && grant.expiresAt > Date.now();
    if (auth.type === 'basic' ? this.#knows(authorization) : isLive && isScoped) return null;
    const asked = repository === '' ? '' : `,scope="${scopes.join(' ')}"`;
    const bearer = `Bearer realm="${this.url}/token",service="fake"${asked}`;
    const challenge = auth.type === 'basic' ? 'Basic realm="fake"' : bearer;
    return { ...failure(401, 'UNAUTHORIZED'), headers: { 'www-authenticate': challenge } };
  }

  #giveToken({ url, headers }: Request): Reply {
    if (!this.#knows(headers.authorization)) return failure(401, 'UNAUTHORIZED');
    const seconds = this.#options.auth?.tokenSeconds ?? 60;
    const token = randomUUID();
    this.#tokens.set(token, { scopes: url.searchParams.getAll('scope'), expiresAt: Date.now() + seconds * 1000 });
    return { status: 200, body: json({ token, expires_in: seconds }) };
  }

  #knows(authorization: string | undefined): boolean {
    const { username = '', password = '' } = this.#options.auth ?? {};
    return authorization === `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  }

  #emit(action: string, { repository, ...rest }: Target, method?: string): void {
    if (!this.#options.notify) return;
    const url = action === 'delete' ? '' : `${this.url}/v2/${repository}/manifests/${rest.digest}`;
    const target = { mediaType: '', digest: '', size: 0, repository, url, ...rest };
    const request = { id: randomUUID(), addr: '127.0.0.1:1', host: new URL(this.url).host, method, useragent: 'fake' };
    const source = { addr: 'fake', instanceID: 'fake' };
    const name = this.#options.auth?.username;
    const actor = name === undefined ? {} : { name };
    const event = { id: randomUUID(), timestamp: new Date().toISOString(), action, target, request, actor, source };
    this.#delivery = this.#delivery.then(() => this.#deliver(json({ events: [event] })));
  }

  async #deliver(body: Buffer): Promise<void> {
    const { url, headers = {} } = this.#options.notify ?? { url: '' };
    while (!this.#isStopped) {
      const contentType = 'application/vnd.docker.distribution.events.v2+json';
      const request = {
        method: 'POST',
        body: new Uint8Array(body),
        headers: { 'content-type': contentType, ...headers },
      };
      const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(1000) }).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
      await sleep(50);
    }
  }
}
