import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { RegistryError } from '#application';
import type { RegistryClientOptions } from '../adapter.js';
import { parseJson } from '../parse-json.js';
import { type Challenge, parseChallenges } from './challenge.js';
import { refusal } from './errors.js';
import { redactUrl } from './redact-url.js';
import type { Answer, Transport } from './transport.js';

type Scheme =
  | { readonly type: 'none' }
  | { readonly type: 'basic' }
  | { readonly type: 'bearer'; readonly realm: URL; readonly service: string | undefined };

type Grant = { readonly token: string; readonly expiresAt: number; readonly scope: string };

const TokenAnswer = z.object({
  token: z.string().optional().catch(undefined),
  access_token: z.string().optional().catch(undefined),
  /** Seconds; the token specification's default is 60. */
  expires_in: z.coerce.number().positive().catch(60),
});

const MAX_TOKEN = 16_384;
const MAX_TOKEN_ANSWER = 1024 * 1024;
const MAX_GRANTS = 1000;

/** The `Authorization` for one registry: none, a configured token, Basic, or tokens from the registry's token service. */
export class Authenticator {
  readonly #options: RegistryClientOptions;
  readonly #ping: URL;
  readonly #transport: Transport;
  #basic: string | undefined;
  readonly #grants = new LRUCache<string, Grant>({ max: MAX_GRANTS });
  readonly #fetching = new Map<string, Promise<Grant>>();
  #scheme: Scheme | undefined;
  #learning: Promise<void> | undefined;

  constructor(options: RegistryClientOptions, ping: URL, transport: Transport) {
    this.#options = options;
    this.#ping = ping;
    this.#transport = transport;
    const { username = '', password } = options;
    this.#basic = password === undefined ? undefined : basicOf(username, password);
  }

  /** What must never be repeated in a message. */
  get secrets(): readonly string[] {
    const { password, token, login } = this.#options;
    return [password, token, this.#basic, ...(login?.secrets ?? [])].filter((secret) => secret !== undefined);
  }

  /** The header for a request that needs `scope` (`repository:<name>:pull`, or empty), as far as is known before asking. */
  async headerFor(scope: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#options.token !== undefined) return `Bearer ${this.#options.token}`;
    await this.#rotate(signal);
    // Asked before the first request, not on the first 401: many registries answer 404, not 401, to whoever may not see a
    // repository, and an anonymous 404 would pass for a deleted tag.
    if (this.#scheme === undefined && this.#basic !== undefined) await this.#learn(signal);
    if (this.#scheme?.type === 'basic') return `Basic ${this.#basic}`;
    if (this.#scheme?.type !== 'bearer') return undefined;
    return `Bearer ${(await this.#grant(scope, signal)).token}`;
  }

  /** Another header to try after a 401 to `sent`; undefined where there is nothing more to offer. */
  async renew(
    answer: Answer,
    scope: string,
    sent: string | undefined,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    if (this.#options.token !== undefined) return undefined;
    const challenge = this.#adopt(answer);
    if (this.#scheme?.type === 'basic') return sent === undefined ? `Basic ${this.#basic}` : undefined;
    if (this.#scheme?.type !== 'bearer') return undefined;
    const cached = this.#grants.get(scope);
    // Another request may have renewed it meanwhile.
    if (cached && sent === `Bearer ${cached.token}`) this.#grants.delete(scope);
    return `Bearer ${(await this.#grant(scope, signal, challenge?.parameters.get('scope'))).token}`;
  }

  /** What a login gives may be another than last time; grants of the one before stay good for as long as they said. */
  async #rotate(signal: AbortSignal): Promise<void> {
    const login = await this.#options.login?.current(signal);
    if (login !== undefined) this.#basic = basicOf(login.username, login.password);
  }

  async #learn(signal: AbortSignal): Promise<void> {
    this.#learning ??= this.#askScheme(signal).finally(() => {
      this.#learning = undefined;
    });
    await this.#learning;
  }

  async #askScheme(signal: AbortSignal): Promise<void> {
    const answer = await this.#transport.send({ method: 'GET', url: this.#ping, maxBytes: MAX_TOKEN_ANSWER }, signal);
    if (answer.status === 429 || answer.status >= 500) throw this.#refusal(answer);
    this.#adopt(answer);
    // No challenge where anonymous reading is open: the account may still see and do more.
    this.#scheme ??= { type: 'basic' };
  }

  #adopt(answer: Answer): Challenge | undefined {
    const challenges = parseChallenges(answer.headers['www-authenticate']);
    const bearer = challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.has('realm'));
    if (bearer) {
      const realm = this.#trustedRealm(bearer.parameters.get('realm') ?? '');
      this.#scheme = { type: 'bearer', realm, service: bearer.parameters.get('service') };
    } else if (this.#basic !== undefined && challenges.some(({ scheme }) => scheme === 'basic')) {
      this.#scheme = { type: 'basic' };
    }
    return bearer;
  }

  #trustedRealm(text: string): URL {
    const { name } = this.#options;
    const realm = URL.canParse(text, this.#ping.href) ? new URL(text, this.#ping.href) : null;
    if (!realm || !['http:', 'https:'].includes(realm.protocol) || realm.username !== '' || realm.password !== '') {
      throw new RegistryError('REGISTRY_BAD_ANSWER', `Registry "${name}" names a token service that is no usable URL.`);
    }
    if (isLinkLocal(realm.hostname) && realm.hostname !== this.#ping.hostname) {
      throw new RegistryError(
        'REGISTRY_DENIED',
        `Registry "${name}" names the token service ${redactUrl(realm)}, a link-local address, where machines keep their own secrets; ` +
          'it was not asked. Fix the realm in the registry’s auth settings.',
      );
    }
    if (this.#ping.protocol === 'https:' && realm.protocol === 'http:' && this.#basic !== undefined) {
      throw new RegistryError(
        'REGISTRY_DENIED',
        `Registry "${name}" is https but names the token service ${redactUrl(realm)} over plain http; the credentials were not ` +
          'sent there. Fix the realm in the registry’s auth settings.',
      );
    }
    return realm;
  }

  async #grant(scope: string, signal: AbortSignal, challenged?: string): Promise<Grant> {
    const cached = this.#grants.get(scope);
    if (cached && cached.expiresAt > performance.now()) return cached;
    const running = this.#fetching.get(scope);
    if (running) return running;
    // What the registry once asked for in this place is what it will want again.
    const fetching = this.#fetchGrant(challenged ?? cached?.scope ?? scope, signal)
      .then((grant) => {
        this.#grants.set(scope, grant);
        return grant;
      })
      .finally(() => this.#fetching.delete(scope));
    this.#fetching.set(scope, fetching);
    return fetching;
  }

  async #fetchGrant(scope: string, signal: AbortSignal): Promise<Grant> {
    if (this.#scheme?.type !== 'bearer') throw new Error('A token was asked for before its service was known.');
    const url = new URL(this.#scheme.realm);
    if (this.#scheme.service !== undefined) url.searchParams.set('service', this.#scheme.service);
    for (const part of scope.split(' ').filter((each) => each !== '')) url.searchParams.append('scope', part);
    const askedAt = performance.now();
    const headers: Record<string, string> = this.#basic === undefined ? {} : { authorization: `Basic ${this.#basic}` };
    // Redirects are not followed: a token service has no reason to, and the password is in the request.
    const answer = await this.#transport.sendOnce({ method: 'GET', url, headers, maxBytes: MAX_TOKEN_ANSWER }, signal);
    if (answer.status !== 200) throw this.#refusal(answer);
    const { token, seconds } = this.#readToken(answer);
    const margin = Math.min(10, seconds * 0.2);
    return { token, expiresAt: askedAt + (seconds - margin) * 1000, scope };
  }

  #readToken(answer: Answer): { token: string; seconds: number } {
    const parsed = TokenAnswer.safeParse(parseJson(answer.body));
    const token = parsed.data?.token || parsed.data?.access_token || '';
    if (!parsed.success || token.length > MAX_TOKEN || !/^[\x21-\x7e]+$/.test(token)) {
      const where = redactUrl(answer.url);
      throw new RegistryError(
        'REGISTRY_BAD_ANSWER',
        `The token service of registry "${this.#options.name}" sent no usable token (GET ${where}).`,
      );
    }
    return { token, seconds: parsed.data.expires_in };
  }

  #refusal(answer: Answer): RegistryError {
    return refusal(answer, { registry: this.#options.name, method: 'GET', secrets: this.secrets });
  }
}

/** 169.254.0.0/16 and fe80::/10: where clouds answer for the machine that asks. A registry has no business there. */
function isLinkLocal(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) && ipaddr.process(host).range() === 'linkLocal';
}

const basicOf = (username: string, password: string): string =>
  Buffer.from(`${username}:${password}`).toString('base64');
