import type { z } from 'zod';
import { RegistryError } from '#application';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { redactUrl } from '../distribution/redact-url.js';
import { type Answer, createTransport, type Exchange, type Transport } from '../distribution/transport.js';
import { parseJson } from '../parse-json.js';
import { type VendorCodes, vendorRefusal } from './vendor-errors.js';

const MAX_ANSWER = 4 * 1024 * 1024;

export type VendorRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: Buffer;
  /** Statuses besides 2xx that are answers, such as 404. */
  readonly answers?: readonly number[];
  /** What must never be repeated in a message. */
  readonly secrets: readonly string[];
  readonly codes?: VendorCodes;
};

/**
 * Requests beside the distribution-spec, each with credentials of its own: for logins, and for APIs that sign. Made once, never along a
 * redirect, since the credentials go along. Holds connections: `close()` it. Fails with `RegistryError`, without secrets in it.
 */
export class VendorRequests {
  readonly #registry: string;
  readonly #transport: Transport;

  constructor(options: RegistryClientOptions, settings: ClientSettings = {}) {
    this.#registry = options.name;
    this.#transport = createTransport(options, settings);
  }

  /** Resolves with a 2xx, or with one of `answers`. */
  async send(request: VendorRequest, signal: AbortSignal): Promise<Answer> {
    const { method, answers = [], codes } = request;
    const answer = await this.#transport.sendOnce(exchangeOf(request), signal);
    if ((answer.status >= 200 && answer.status < 300) || answers.includes(answer.status)) return answer;
    // Forms and addresses echo them percent-encoded.
    const secrets = request.secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
    throw vendorRefusal(answer, { registry: this.#registry, method, secrets }, codes);
  }

  /** The answer's JSON, as the schema has it. Throws `REGISTRY_BAD_ANSWER` where it is of another shape. */
  async ask<T extends z.ZodType>(schema: T, request: VendorRequest, signal: AbortSignal): Promise<z.output<T>> {
    return this.parsed(schema, request, parseJson((await this.send(request, signal)).body));
  }

  async askText(request: VendorRequest, signal: AbortSignal): Promise<string> {
    return (await this.send(request, signal)).body.toString('utf8');
  }

  /** Throws `REGISTRY_BAD_ANSWER`. */
  parsed<T extends z.ZodType>(schema: T, asked: Asked, body: unknown): z.output<T> {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw this.badAnswer(asked, 'sent something else than its API documents');
    return parsed.data;
  }

  /** `what` completes “Registry "x" …”. */
  badAnswer({ method, url }: Asked, what: string): RegistryError {
    const message = `Registry "${this.#registry}" ${what} (${method} ${redactUrl(url)}).`;
    return new RegistryError('REGISTRY_BAD_ANSWER', message);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }
}

type Asked = Pick<VendorRequest, 'method' | 'url'>;

function exchangeOf({ method, url, headers = {}, form, body }: VendorRequest): Exchange {
  const base = { method, url, maxBytes: MAX_ANSWER };
  if (form === undefined) return { ...base, headers, ...(body === undefined ? {} : { body }) };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { ...base, headers: { ...headers, ...type }, body: Buffer.from(new URLSearchParams({ ...form }).toString()) };
}
