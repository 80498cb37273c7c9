import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';

export type FakeHarborOptions = {
  readonly account?: { readonly username: string; readonly password: string };
  /** Tags that a rule of Harbor's holds immutable. */
  readonly immutable?: readonly string[];
  /** Release without CloudEvents and without the event of made tags. */
  readonly isOld?: boolean;
};

export type FakePolicy = Record<string, unknown> & { id: number };
const failure = (status: number, code: string, message: string) => jsonReply(status, { errors: [{ code, message }] });

/** Harbor as far as Tagwarden meets it: a registry whose catalog is closed, and the API of its projects on the same port. */
export class FakeHarbor extends FakeVendor {
  readonly policies = new Map<string, FakePolicy[]>();
  readonly #options: FakeHarborOptions;

  private constructor(options: FakeHarborOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeHarborOptions = {}): Promise<FakeHarbor> {
    const harbor = new FakeHarbor(options);
    const auth = options.account && { auth: { type: 'basic', ...options.account } as const };
    return harbor.open({ hidesCatalog: true, ...auth });
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const { method, url } = request;
    const [, repository = '', reference = ''] = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    if (reference !== '' && method === 'PUT') return this.#refusedOverwrite(repository, reference);
    // Only whole artifacts can be deleted there.
    if (reference !== '' && method === 'DELETE' && !reference.includes(':'))
      return failure(405, 'UNSUPPORTED', 'by tag');
    if (!url.pathname.startsWith('/api/v2.0/')) return null;
    if (!this.#knows(request)) return failure(401, 'UNAUTHORIZED', 'unauthorized');
    return this.#project(request, url.pathname.slice('/api/v2.0/'.length).split('/'));
  }

  #knows({ headers }: FakeRequest): boolean {
    const { account } = this.#options;
    const expected = account && Buffer.from(`${account.username}:${account.password}`).toString('base64');
    return expected === undefined || headers.authorization === `Basic ${expected}`;
  }

  #refusedOverwrite(repository: string, tag: string): FakeReply | null {
    const isHeld = this.#options.immutable?.includes(tag) && this.registry.findTag(repository, tag) !== null;
    return isHeld ? failure(412, 'PRECONDITION', `the tag ${tag} configured as immutable, cannot be updated`) : null;
  }

  #project(request: FakeRequest, [, project = '', what, name = '', ...rest]: string[]): FakeReply {
    const names = this.registry.repositories;
    if (project === '')
      return pageOf(
        [...new Set(names.map((each) => each.split('/')[0]))].map((each) => ({ name: each })),
        request,
      );
    if (what === 'webhook') return this.#webhook(request, project, name, rest[0]);
    const own = names.filter((each) => each.startsWith(`${project}/`));
    if (what === 'repositories' && name === '')
      return pageOf(
        own.map((each) => ({ name: each })),
        request,
      );
    // Encoded twice, and decoded once by the router of the real one.
    const repository = `${project}/${decodeURIComponent(decodeURIComponent(name))}`;
    const [artifacts, digest = '', tags, tag] = rest;
    if (artifacts !== 'artifacts' || tags !== 'tags') return failure(404, 'NOT_FOUND', 'no such path');
    return this.#tag(request, repository, digest, tag);
  }

  #tag({ method, body }: FakeRequest, repository: string, digest: string, tag: string | undefined): FakeReply {
    const wanted = tag ?? JSON.parse(body.toString('utf8')).name;
    const found = this.registry.findTag(repository, wanted);
    if (method === 'DELETE') {
      if (found !== digest) return failure(404, 'NOT_FOUND', `tag ${wanted} attached to artifact not found`);
      if (this.#options.immutable?.includes(wanted))
        return failure(412, 'PRECONDITION', `the tag ${wanted} configured as immutable, cannot be deleted`);
      this.registry.deleteReference(repository, wanted, true);
      return jsonReply(200, {});
    }
    if (!this.registry.hasManifest(repository, digest))
      return failure(404, 'NOT_FOUND', `artifact ${digest} not found`);
    if (found !== null) return failure(409, 'CONFLICT', `tag ${wanted} already exists`);
    this.registry.retag(repository, wanted, digest);
    return { status: 201 };
  }

  #webhook(request: FakeRequest, project: string, what: string, id: string | undefined): FakeReply {
    const isNumber = /^\d+$/.test(project) && request.headers['x-is-resource-name'] !== 'true';
    if (isNumber) return failure(404, 'NOT_FOUND', `project ${project} not found`);
    const known = ['PUSH_ARTIFACT', 'PULL_ARTIFACT', 'DELETE_ARTIFACT', 'TAG_RETENTION', 'SCANNING_COMPLETED'];
    const supported = this.#options.isOld ? known : [...known, 'CREATE_TAG'];
    if (what === 'events') return jsonReply(200, { event_type: supported, notify_type: ['http', 'slack'] });
    const policies = this.policies.get(project) ?? [];
    if (request.method === 'GET') return pageOf(policies, request);
    const sent = JSON.parse(request.body.toString('utf8'));
    const unknown = sent.event_types.find((type: string) => !supported.includes(type));
    if (unknown !== undefined) return failure(400, 'BAD_REQUEST', `unsupported event type ${unknown}`);
    if (this.#options.isOld) for (const target of sent.targets) delete target.payload_format;
    const others = policies.filter((policy) => String(policy.id) !== id);
    if (others.some(({ name }) => name === sent.name)) return failure(409, 'CONFLICT', 'policy name is taken');
    const number = id === undefined ? Math.max(0, ...policies.map((policy) => policy.id)) + 1 : Number(id);
    this.policies.set(project, [...others, { ...sent, id: number }]);
    return { status: id === undefined ? 201 : 200 };
  }
}

/** `null` for nothing, as Go writes an empty list. */
function pageOf(items: readonly unknown[], { url }: FakeRequest): FakeReply {
  const [page, size] = [Number(url.searchParams.get('page') ?? 1), Number(url.searchParams.get('page_size') ?? 10)];
  const listed = items.slice((page - 1) * size, page * size);
  return jsonReply(200, listed.length > 0 ? listed : null);
}
