import { createHash } from 'node:crypto';
import type { FakeReply, FakeRequest, TestImage } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';
import { unsigned } from '../sender/fake-issuer.js';

export const FAKE_APP = {
  tenantId: '409520d4-8100-4d1d-ad47-72432ddcc120',
  clientId: '7b58f833-4438-494c-a724-234928795a67',
  clientSecret: 'secret-of-the-application',
};
export const FAKE_RESOURCE = { subscriptionId: 'sub-1', resourceGroup: 'images', registryName: 'reg' };
export const FEDERATED_TOKEN = 'token-of-kubernetes';
const NOBODY = '00000000-0000-0000-0000-000000000000';

export type FakeWebhook = {
  name: string;
  location: string;
  properties: {
    status: string;
    scope: string;
    actions: string[];
    serviceUri: string;
    customHeaders: Record<string, string>;
  };
};

export type FakeAcrOptions = {
  /** `/v2/` asks for a token, which the refresh token is the password for. */
  readonly closed?: boolean;
  /** Milliseconds from now on that a refresh token holds. Default: three hours. */
  readonly refreshMs?: number;
};

/** ACR in this process: `/v2/` with its token service, soft deletion, and beside it Entra ID, the metadata service and the resource manager. */
export class FakeAcr extends FakeVendor {
  readonly webhooks: FakeWebhook[] = [];
  /** How often a refresh token was given. */
  exchanges = 0;
  /** Makes webhooks other than they were asked for. */
  distort: (webhook: FakeWebhook) => FakeWebhook = (webhook) => webhook;
  readonly #refreshToken: string;
  readonly #closed: boolean;
  readonly #deleted = new Map<string, TestImage>();

  private constructor({ closed = false, refreshMs = 3 * 3_600_000 }: FakeAcrOptions) {
    super();
    this.#closed = closed;
    this.#refreshToken = unsigned({ exp: Math.floor((Date.now() + refreshMs) / 1000), grant_type: 'refresh_token' });
  }

  static async start(options: FakeAcrOptions = {}): Promise<FakeAcr> {
    const fake = new FakeAcr(options);
    const auth = { type: 'bearer', username: NOBODY, password: fake.#refreshToken } as const;
    return fake.open({ ...(options.closed ? { auth } : {}) });
  }

  /** Deletes the manifest and its tags; pushing it again is refused from then on. */
  softDelete(repository: string, image: TestImage): void {
    this.registry.deleteReference(repository, image.digest);
    this.#deleted.set(`${repository}@${image.digest}`, image);
  }

  protected override async answer(request: FakeRequest): Promise<FakeReply | null> {
    const { pathname } = request.url;
    if (pathname === '/oauth2/exchange') return this.#exchange(request);
    if (pathname.endsWith('/oauth2/v2.0/token')) return this.#login(request);
    if (pathname === '/metadata/identity/oauth2/token') return serveMetadata(request);
    if (pathname.startsWith('/acr/v1/_deleted/')) return this.#restore(request);
    if (pathname.startsWith('/subscriptions/')) return this.#manage(request);
    const [, repository] = /^\/v2\/(.+)\/manifests\//.exec(pathname) ?? [];
    const digest = `sha256:${createHash('sha256').update(request.body).digest('hex')}`;
    const isDeleted = request.method === 'PUT' && this.#deleted.has(`${repository}@${digest}`);
    return isDeleted ? failure(409, 'MANIFEST_SOFT_DELETED', 'the manifest is soft deleted; restore it') : null;
  }

  #login({ url, body }: FakeRequest): FakeReply {
    const form = new URLSearchParams(body.toString('utf8'));
    const isProven =
      form.get('client_secret') === FAKE_APP.clientSecret || form.get('client_assertion') === FEDERATED_TOKEN;
    const isKnown = form.get('client_id') === FAKE_APP.clientId && url.pathname.startsWith(`/${FAKE_APP.tenantId}/`);
    if (form.get('grant_type') !== 'client_credentials' || !isKnown || !isProven) {
      return jsonReply(401, {
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
      });
    }
    return jsonReply(200, {
      token_type: 'Bearer',
      expires_in: 3599,
      access_token: `aad for ${form.get('scope')}`.replaceAll(' ', '_'),
    });
  }

  #exchange({ body, url }: FakeRequest): FakeReply {
    const form = new URLSearchParams(body.toString('utf8'));
    const token = 'aad_for_https://containerregistry.azure.net/';
    const isRight = form.get('grant_type') === 'access_token' && form.get('service') === url.host;
    if (!isRight || !form.get('access_token')?.startsWith(token)) return failure(401, 'UNAUTHORIZED', 'no such token');
    this.exchanges++;
    return jsonReply(200, { refresh_token: this.#refreshToken });
  }

  async #restore({ method, url, headers, body }: FakeRequest): Promise<FakeReply> {
    const [, repository = '', digest = ''] =
      /^\/acr\/v1\/_deleted\/(.+)\/_manifests\/([^/]+)$/.exec(url.pathname) ?? [];
    if (this.#closed && !headers.authorization?.startsWith('Bearer ')) {
      const scope = `repository:${repository}:deleted_restore`;
      const challenge = `Bearer realm="${this.url}/token",service="fake",scope="${scope}"`;
      return { ...failure(401, 'UNAUTHORIZED', 'no'), headers: { 'www-authenticate': challenge } };
    }
    const image = this.#deleted.get(`${repository}@${digest}`);
    if (method !== 'POST' || !image) return failure(404, 'MANIFEST_UNKNOWN', 'no such deleted manifest');
    const { tag } = JSON.parse(body.toString('utf8'));
    const isTaken = this.registry.findTag(repository, tag) !== null;
    if (isTaken && url.searchParams.get('force') !== 'true') return failure(409, 'TAG_EXISTS', 'the tag is there');
    this.#deleted.delete(`${repository}@${digest}`);
    await this.registry.push(repository, tag, image, true);
    return jsonReply(200, {});
  }

  #manage({ method, url, headers, body }: FakeRequest): FakeReply {
    if (headers.authorization !== `Bearer aad_for_${this.url}/.default`) {
      return jsonReply(401, { error: { code: 'InvalidAuthenticationToken', message: 'The access token is invalid.' } });
    }
    const { subscriptionId, resourceGroup, registryName } = FAKE_RESOURCE;
    const base = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.ContainerRegistry/registries/${registryName}`;
    if (!url.pathname.startsWith(base)) return jsonReply(404, { error: { code: 'ResourceNotFound', message: 'No.' } });
    const [, , name = '', action] = url.pathname.slice(base.length).split('/');
    if (url.pathname === base) return jsonReply(200, { name: registryName, location: 'westeurope' });
    if (name === '') return this.#listWebhooks(url);
    const found = this.webhooks.find((webhook) => webhook.name === name);
    if (action === 'getCallbackConfig' && found) {
      const { serviceUri, customHeaders } = found.properties;
      return jsonReply(200, { serviceUri, customHeaders });
    }
    if (method !== 'PUT') return jsonReply(404, { error: { code: 'ResourceNotFound', message: 'No.' } });
    const webhook = this.distort({ name, ...JSON.parse(body.toString('utf8')) });
    this.webhooks.splice(found ? this.webhooks.indexOf(found) : this.webhooks.length, 1, webhook);
    return jsonReply(found ? 200 : 201, shown(webhook));
  }

  /** One a page. */
  #listWebhooks(url: URL): FakeReply {
    const page = Number(url.searchParams.get('page') ?? 0);
    const next = new URL(url);
    next.searchParams.set('page', String(page + 1));
    const nextLink = page + 1 < this.webhooks.length ? { nextLink: next.href } : {};
    return jsonReply(200, { value: this.webhooks.slice(page, page + 1).map(shown), ...nextLink });
  }
}

/** Where it leads and what it sends along is not shown. */
function shown({ name, location, properties }: FakeWebhook) {
  const { status, scope, actions } = properties;
  return { name, location, properties: { status, scope, actions, provisioningState: 'Succeeded' } };
}

function serveMetadata({ url, headers }: FakeRequest): FakeReply {
  if (headers.metadata !== 'true') return jsonReply(400, { error: 'invalid_request' });
  return jsonReply(200, { access_token: `aad_for_${url.searchParams.get('resource')}`, expires_in: '86399' });
}
const failure = (status: number, code: string, message: string) => jsonReply(status, { errors: [{ code, message }] });
