import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from './adapter.js';
import { refusal } from './distribution/errors.js';
import { redactUrl } from './distribution/redact-url.js';
import { DEFAULT_RETRY, retrying } from './distribution/retry.js';
import { type Answer, Transport } from './distribution/transport.js';
import { saidBy } from './vendor-words.js';

/** A JSON request to a vendor's own API, beside the distribution-spec. */
export type VendorCall = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the base, without a slash at its start; or a whole URL of the same host. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Statuses besides 2xx that are answers, such as 404. */
  readonly answers?: readonly number[];
  /** A POST or PATCH is repeated after a failure only where this says that it does no harm. */
  readonly repeatable?: boolean;
};

/** `body`: the JSON; null where there is none, or none that can be read. */
export type VendorAnswer = {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly body: unknown;
};

export type VendorApiOptions = {
  readonly client: RegistryClientOptions;
  readonly settings?: ClientSettings | undefined;
  readonly base: URL;
  /** Sent with each call. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The `Authorization` header, asked for before each call. */
  readonly authorization?: (signal: AbortSignal) => Promise<string | undefined> | string | undefined;
  /** What must never be repeated in a message, besides the client's own credentials. */
  readonly secrets?: readonly (string | null | undefined)[];
};

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_ANSWER = 4 * 1024 * 1024;

/** Does not follow redirects: the credentials go along. Holds connections: `close()` it. Fails with `RegistryError` only. */
export class VendorApi {
  readonly #options: VendorApiOptions;
  readonly #base: URL;
  readonly #timeoutMs: number;
  readonly #transport: Transport;
  readonly #closed = new AbortController();

  constructor(options: VendorApiOptions) {
    const { client, settings, base } = options;
    this.#options = options;
    this.#base = new URL(`${base.href.replace(/\/+$/, '')}/`);
    this.#timeoutMs = client.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#transport = new Transport({
      registry: client.name,
      timeoutMs: this.#timeoutMs,
      userAgent: `tagwarden/${settings?.version ?? 'unversioned'}`,
      tls: client.tls,
    });
  }

  /** Resolves with a 2xx, or with one of `answers`. */
  async call(call: VendorCall): Promise<VendorAnswer> {
    const isRepeatable = call.repeatable ?? (call.method !== 'POST' && call.method !== 'PATCH');
    const policy = { ...DEFAULT_RETRY, ...this.#options.settings?.retry };
    const attempts = isRepeatable ? policy.attempts : 1;
    return retrying({ ...policy, attempts }, this.#closed.signal, (msLeft) =>
      this.#attempt(call, AbortSignal.timeout(Math.max(1, Math.min(this.#timeoutMs, Math.floor(msLeft))))),
    );
  }

  /** The body of an answer, as the schema has it. Throws `REGISTRY_BAD_ANSWER` where it is of another shape. */
  async read<T extends z.ZodType>(schema: T, call: VendorCall): Promise<z.output<T>> {
    const parsed = schema.safeParse((await this.call(call)).body);
    if (!parsed.success) throw this.badAnswer(call, 'sent something else than its API documents');
    return parsed.data;
  }

  /** `what` completes “Registry "x" …”. */
  badAnswer(call: VendorCall, what: string): RegistryError {
    const where = `${call.method} ${redactUrl(this.#urlOf(call))}`;
    return new RegistryError('REGISTRY_BAD_ANSWER', `Registry "${this.#options.client.name}" ${what} (${where}).`);
  }

  async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    await this.#transport.close();
  }

  async #attempt(call: VendorCall, signal: AbortSignal): Promise<VendorAnswer> {
    const { method, body, answers = [] } = call;
    const url = this.#urlOf(call);
    const authorization = await this.#options.authorization?.(signal);
    const headers = {
      accept: 'application/json',
      ...this.#options.headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const json = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const answer = await this.#transport.sendOnce({ method, url, headers, ...json, maxBytes: MAX_ANSWER }, signal);
    if ((answer.status >= 200 && answer.status < 300) || answers.includes(answer.status)) {
      return { status: answer.status, headers: answer.headers, body: parseJson(answer.body) };
    }
    throw this.#refused(answer, method, authorization);
  }

  #refused(answer: Answer, method: string, authorization: string | undefined): RegistryError {
    const { client, secrets = [] } = this.#options;
    const credential = authorization?.replace(/^\S+ +/, '');
    const known = [client.password, client.token, credential, ...(client.login?.secrets ?? []), ...secrets];
    const hidden = known.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
    return refusal(saidBy(answer), { registry: client.name, method, secrets: hidden });
  }

  #urlOf({ path, query = {} }: VendorCall): URL {
    const url = new URL(path, this.#base);
    // The credentials go along: never to a host that an answer named.
    if (url.origin !== this.#base.origin) {
      throw new RegistryError(
        'REGISTRY_BAD_ANSWER',
        `The API of registry "${this.#options.client.name}" leads to another host, ${url.origin}; not followed.`,
      );
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}
