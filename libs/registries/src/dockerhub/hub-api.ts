import { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { Renewed } from '../vendor-api/rotating-login.js';
import { withTokenAsPassword } from '../vendor-api/token-as-password.js';
import { VendorApi, type VendorCall } from '../vendor-api/vendor-api.js';
import { AccessToken } from './schema.js';

const HUB = 'https://hub.docker.com';
/** Where the token does not say how long it is good for. */
const LIFETIME_MS = 300_000;

/** The Hub's own API, on another host than its registry. `close()` closes both connections. */
export class HubApi extends VendorApi {
  readonly #login: VendorApi;

  constructor(client: RegistryClientOptions, settings?: ClientSettings, secrets: readonly string[] = []) {
    const base = new URL(client.options?.apiUrl ?? HUB);
    const login = new VendorApi({ client, settings, base });
    const authorization = authorizationOf(withTokenAsPassword(client), login);
    super({ client, settings, base, secrets, ...(authorization === undefined ? {} : { authorization }) });
    this.#login = login;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#login.close()]);
  }

  /** The items of all pages, as `next` leads through them. */
  async *items<T>(schema: z.ZodType<{ next?: string | null; results: T[] }>, first: string): AsyncGenerator<T> {
    let path: string | null = first;
    for (let page = 0; path !== null; page++) {
      const call: VendorCall = { method: 'GET', path };
      if (page === 1000) throw this.badAnswer(call, 'lists more than 1000 pages');
      const answer: { next?: string | null; results: T[] } = await this.read(schema, call);
      yield* answer.results;
      path = answer.next || null;
    }
  }
}

/** Passwords and access tokens are changed for a token that is good for some minutes; anonymous where there are none. */
function authorizationOf({ name, username, password, timeoutMs }: RegistryClientOptions, api: VendorApi) {
  if (username === undefined || password === undefined) return undefined;
  const login = new Renewed<{ readonly token: string }>({
    registry: name,
    secrets: () => [password],
    timeoutMs,
    fetch: async () => {
      const body = { identifier: username, secret: password };
      const call = { method: 'POST', path: 'v2/auth/token', body, repeatable: true } as const;
      const { access_token: token } = await api.read(AccessToken, call);
      return { token, expiresAt: expiryOf(token) ?? Date.now() + LIFETIME_MS };
    },
  });
  return async (signal: AbortSignal) => `Bearer ${(await login.current(signal)).token}`;
}

const Claims = z.object({ exp: z.number() });

/** From the token's own claim, which nobody needs to verify who only wants to know when to ask again. */
function expiryOf(jwt: string): number | null {
  try {
    const claims = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8');
    return Claims.parse(JSON.parse(claims)).exp * 1000;
  } catch {
    return null;
  }
}
