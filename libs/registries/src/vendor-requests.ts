import type { z } from 'zod';
import { RegistryError } from '#application';
import { DomainError } from '#domain';
import type { ClientSettings, RegistryClientOptions } from './adapter.js';
import { redactUrl } from './distribution/redact-url.js';
import { type Exchange, Transport } from './distribution/transport.js';
import { type VendorCodes, vendorRefusal } from './vendor-errors.js';

const MAX_ANSWER = 1024 * 1024;

export type VendorRequest = {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it is. */
  readonly body?: Buffer;
  /** What must never be repeated in a message. */
  readonly secrets: readonly string[];
  readonly codes?: VendorCodes;
};

/** Requests beside the registry, each with credentials of its own: for logins, and for APIs that sign. Made once, never along a redirect. Holds connections: `close()` it. */
export class VendorRequests {
  readonly #registry: string;
  readonly #transport: Transport;

  constructor({ name, tls, timeoutMs = 10_000 }: RegistryClientOptions, { version }: ClientSettings) {
    this.#registry = name;
    const userAgent = `tagwarden/${version ?? 'unversioned'}`;
    this.#transport = new Transport({ registry: name, timeoutMs, userAgent, tls });
  }

  /** Throws `RegistryError`; what it says has no secrets in it. */
  async ask<T extends z.ZodType>(schema: T, request: VendorRequest, signal: AbortSignal): Promise<z.output<T>> {
    const parsed = schema.safeParse(parseJson(await this.askText(request, signal)));
    if (!parsed.success) throw this.#unusable(request);
    return parsed.data;
  }

  async askText(request: VendorRequest, signal: AbortSignal): Promise<string> {
    const { method, secrets, codes } = request;
    const answer = await this.#transport.sendOnce(exchangeOf(request), signal);
    const isTaken = answer.status >= 200 && answer.status < 300;
    if (!isTaken) throw vendorRefusal(answer, { registry: this.#registry, method, secrets }, codes);
    return answer.body.toString('utf8');
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #unusable({ method, url }: VendorRequest): RegistryError {
    const where = `${method} ${redactUrl(url)}`;
    const message = `The API beside registry "${this.#registry}" sent an answer that is not what it should be (${where}).`;
    return new RegistryError('REGISTRY_BAD_ANSWER', message);
  }
}

/** Throws `REGISTRY_MISCONFIGURED` unless the text is an http(s) URL, and https where the registry's own is. */
export function serviceUrl({ name, url }: RegistryClientOptions, key: string, text: string): URL {
  const service = URL.canParse(text) ? new URL(text) : null;
  const allowed = url.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  if (service !== null && allowed.includes(service.protocol) && service.username === '') return service;
  throw misconfigured(name, `${key} must be an https URL without credentials in it.`);
}

export const misconfigured = (registry: string, what: string): DomainError =>
  new DomainError('REGISTRY_MISCONFIGURED', `Registry "${registry}": ${what}`);

function exchangeOf({ method, url, headers = {}, form, body }: VendorRequest): Exchange {
  const base = { method, url, maxBytes: MAX_ANSWER };
  if (form === undefined) return { ...base, headers, ...(body === undefined ? {} : { body }) };
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  return { ...base, headers: { ...headers, ...type }, body: Buffer.from(new URLSearchParams({ ...form }).toString()) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
