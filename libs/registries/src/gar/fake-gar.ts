import { generateKeyPairSync, verify } from 'node:crypto';
import type { FakeReply, FakeRequest } from '#testing';
import { FakeVendor, jsonReply } from '../fake-vendor.js';

const ACCESS_TOKEN = 'ya29.access-token-of-an-hour';
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const EMAIL = 'tagwarden@my-project.iam.gserviceaccount.com';

export type FakeGarOptions = {
  /** `/v2/` asks for the access token, as a password. */
  readonly closed?: boolean;
  /** Seconds that an access token holds. Default: an hour. */
  readonly tokenSeconds?: number;
};

/** Artifact Registry in this process: `/v2/`, and beside it the token service, the metadata service and the REST API. */
export class FakeGar extends FakeVendor {
  /** How often an access token was given. */
  grants = 0;
  /** Pages that the REST API gave. */
  pages = 0;
  readonly #options: FakeGarOptions;

  private constructor(options: FakeGarOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeGarOptions = {}): Promise<FakeGar> {
    const fake = new FakeGar(options);
    const auth = { type: 'bearer', username: 'oauth2accesstoken', password: ACCESS_TOKEN } as const;
    return fake.open({ ...(options.closed ? { auth } : {}) });
  }

  /** The JSON of a key whose tokens this fake gives. */
  key(changes: Readonly<Record<string, unknown>> = {}): string {
    const token_uri = `${this.url}/google-token`;
    const key = {
      type: 'service_account',
      client_email: EMAIL,
      private_key: privateKey,
      private_key_id: 'k1',
      token_uri,
    };
    return JSON.stringify({ ...key, project_id: 'my-project', ...changes });
  }

  protected override answer(request: FakeRequest): FakeReply | null {
    const { pathname } = request.url;
    if (pathname === '/google-token') return this.#exchange(request);
    if (pathname === '/computeMetadata/v1/instance/service-accounts/default/token') {
      return request.headers['metadata-flavor'] === 'Google' ? this.#grant() : jsonReply(403, {});
    }
    if (!pathname.startsWith('/v1/')) return null;
    if (request.headers.authorization !== `Bearer ${ACCESS_TOKEN}`) {
      return jsonReply(401, {
        error: { code: 401, message: 'Request had invalid credentials.', status: 'UNAUTHENTICATED' },
      });
    }
    this.pages++;
    return this.#list(request.url);
  }

  #exchange({ body }: FakeRequest): FakeReply {
    const form = new URLSearchParams(body.toString('utf8'));
    const isGrant = form.get('grant_type') === 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    if (isGrant && isSigned(form.get('assertion') ?? '', `${this.url}/google-token`)) return this.#grant();
    return jsonReply(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  }

  #grant(): FakeReply {
    this.grants++;
    return jsonReply(200, {
      access_token: ACCESS_TOKEN,
      expires_in: this.#options.tokenSeconds ?? 3599,
      token_type: 'Bearer',
    });
  }

  /** Repositories of the location, or the packages of one; percent-encoded as they are there. */
  #list(url: URL): FakeReply {
    const [, project = '', location = '', repository] =
      /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/repositories(?:\/([^/]+)\/packages)?$/.exec(url.pathname) ?? [];
    const base = `projects/${project}/locations/${location}/repositories`;
    if (location !== 'europe') return jsonReply(200, {});
    const images = this.registry.repositories.filter((name) => name.startsWith(`${project}/`));
    const parts = images.map((name) => name.slice(project.length + 1).split('/'));
    if (repository === undefined) {
      const names = [...new Set(parts.map(([first = '']) => first))];
      const found = names.map((name) => ({ name: `${base}/${name}`, format: 'DOCKER', mode: 'STANDARD_REPOSITORY' }));
      const others = [
        { name: `${base}/maven`, format: 'MAVEN', mode: 'STANDARD_REPOSITORY' },
        { name: `${base}/all`, format: 'DOCKER', mode: 'VIRTUAL_REPOSITORY' },
      ];
      return paged(url, 'repositories', [...found, ...others]);
    }
    const own = parts
      .filter(([first]) => first === repository)
      .map(([, ...image]) => encodeURIComponent(image.join('/')));
    return paged(
      url,
      'packages',
      own.map((name) => ({ name: `${base}/${repository}/packages/${name}` })),
    );
  }
}

function paged(url: URL, key: string, all: readonly object[]): FakeReply {
  const from = Number(url.searchParams.get('pageToken') ?? 0);
  const to = from + Number(url.searchParams.get('pageSize'));
  return jsonReply(200, { [key]: all.slice(from, to), nextPageToken: to < all.length ? String(to) : '' });
}

/** An assertion of the account, verified without what the product signs it with. */
function isSigned(assertion: string, audience: string): boolean {
  const [head = '', body = '', signature = ''] = assertion.split('.');
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8') || '{}');
  const isRight = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url'));
  const { iss, aud, scope, iat, exp } = read(body);
  const lives = exp - iat === 3600 && Math.abs(iat * 1000 - Date.now()) < 60_000;
  return isRight && iss === EMAIL && aud === audience && String(scope).endsWith('/auth/cloud-platform') && lives;
}
