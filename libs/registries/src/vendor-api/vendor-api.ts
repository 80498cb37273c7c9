import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { Attempts } from '../distribution/retry.js';
import type { Answer } from '../distribution/transport.js';
import { parseJson } from '../parse-json.js';
import { type VendorRequest, VendorRequests } from './vendor-requests.js';

/** A JSON request to a vendor's own API, beside the distribution-spec. */
export type VendorCall = {
  readonly method: VendorRequest['method'];
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
export type VendorAnswer<T = unknown> = {
  readonly status: number;
  readonly headers: Answer['headers'];
  readonly body: T;
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
  readonly secrets?: readonly string[];
};

/** Does not follow redirects: the credentials go along. Holds connections: `close()` it. Fails with `RegistryError` only. */
export class VendorApi {
  readonly #options: VendorApiOptions;
  readonly #base: URL;
  readonly #requests: VendorRequests;
  readonly #attempts: Attempts;

  constructor(options: VendorApiOptions) {
    const { client, settings, base } = options;
    this.#options = options;
    this.#base = new URL(`${base.href.replace(/\/+$/, '')}/`);
    this.#requests = new VendorRequests(client, settings);
    this.#attempts = new Attempts(client, settings);
  }

  /** Resolves with a 2xx, or with one of `answers`. */
  async call(call: VendorCall): Promise<VendorAnswer> {
    const isRepeatable = call.repeatable ?? (call.method !== 'POST' && call.method !== 'PATCH');
    return this.#attempts.run((signal) => this.#attempt(call, signal), isRepeatable ? undefined : 1);
  }

  /** An answer whose body is as the schema has it. Throws `REGISTRY_BAD_ANSWER` where it is of another shape. */
  async readAnswer<T extends z.ZodType>(schema: T, call: VendorCall): Promise<VendorAnswer<z.output<T>>> {
    const answer = await this.call(call);
    return { ...answer, body: this.#requests.parsed(schema, this.#asked(call), answer.body) };
  }

  /** The body alone. */
  async read<T extends z.ZodType>(schema: T, call: VendorCall): Promise<z.output<T>> {
    return (await this.readAnswer(schema, call)).body;
  }

  /** `what` completes “Registry "x" …”. */
  badAnswer(call: VendorCall, what: string): RegistryError {
    return this.#requests.badAnswer(this.#asked(call), what);
  }

  async close(): Promise<void> {
    if (this.#attempts.end()) await this.#requests.close();
  }

  async #attempt(call: VendorCall, signal: AbortSignal): Promise<VendorAnswer> {
    const { body, answers = [] } = call;
    const asked = this.#asked(call);
    const authorization = await this.#options.authorization?.(signal);
    const headers = {
      accept: 'application/json',
      ...this.#options.headers,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const json = body === undefined ? {} : { body: Buffer.from(JSON.stringify(body)) };
    const secrets = this.#secrets(authorization);
    const answer = await this.#requests.send({ ...asked, headers, ...json, answers, secrets }, signal);
    return { status: answer.status, headers: answer.headers, body: parseJson(answer.body) };
  }

  #secrets(authorization: string | undefined): string[] {
    const { client, secrets = [] } = this.#options;
    const own = [client.password, client.token, ...Object.values(client.secretOptions ?? {})];
    const known = [...own, authorization?.replace(/^\S+ +/, ''), ...(client.login?.secrets ?? []), ...secrets];
    return known.filter((secret) => secret !== undefined);
  }

  #asked({ method, path, query = {} }: VendorCall): Pick<VendorRequest, 'method' | 'url'> {
    const url = new URL(path, this.#base);
    // The credentials go along: never to a host that an answer named.
    if (url.origin !== this.#base.origin) {
      throw new RegistryError(
        'REGISTRY_BAD_ANSWER',
        `The API of registry "${this.#options.client.name}" leads to another host, ${url.origin}; not followed.`,
      );
    }
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return { method, url };
  }
}
