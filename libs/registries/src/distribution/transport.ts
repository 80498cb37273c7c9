import { createSecureContext, rootCertificates } from 'node:tls';
import { Agent, request } from 'undici';
import { RegistryError } from '#application';
import { messageOf } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { redactUrl } from './redact-url.js';

export type Exchange = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Reading stops beyond this. */
  readonly maxBytes: number;
};

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Where the answer came from in the end. */
  readonly url: URL;
};

export type TransportOptions = {
  readonly registry: string;
  readonly timeoutMs: number;
  readonly userAgent: string;
  readonly tls?: { readonly ca?: string | undefined; readonly insecureSkipVerify?: boolean | undefined } | undefined;
};

/** For one attempt, where nothing is configured. */
export const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const CONNECTIONS_PER_ORIGIN = 16;

/** HTTP exchanges with one registry over its own kept-alive connections. No retries, no credentials of its own. */
export class Transport {
  readonly #agent: Agent;
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#agent = new Agent({
      connections: CONNECTIONS_PER_ORIGIN,
      keepAliveTimeout: 30_000,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      connect: { timeout: Math.min(options.timeoutMs, 5000), ...tlsOptions(options.tls) },
    });
  }

  /** Follows redirects of GET and HEAD; `Authorization` stays at the origin it was meant for. */
  async send(exchange: Exchange, signal: AbortSignal): Promise<Answer> {
    let current = exchange;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.sendOnce(current, signal);
      const location = first(answer.headers.location);
      if (!['GET', 'HEAD'].includes(current.method) || !REDIRECTS.has(answer.status) || location === undefined)
        return answer;
      current = this.#redirected(current, location);
    }
    throw this.#badAnswer(exchange, `redirected more than ${MAX_REDIRECTS} times`);
  }

  async sendOnce(exchange: Exchange, signal: AbortSignal): Promise<Answer> {
    const { method, url, body, maxBytes } = exchange;
    // Compressed bytes would not hash to the digest.
    const headers = { ...exchange.headers, 'user-agent': this.#options.userAgent, 'accept-encoding': 'identity' };
    try {
      const response = await request(url, { method, headers, body: body ?? null, signal, dispatcher: this.#agent });
      const bytes = await readCapped(response.body, maxBytes);
      const { statusCode: status } = response;
      if (bytes === null && status < 400) throw this.#badAnswer(exchange, `sent more than ${maxBytes} bytes`);
      return { status, headers: response.headers, body: bytes ?? Buffer.alloc(0), url };
    } catch (error) {
      throw error instanceof RegistryError ? error : this.#unreachable(exchange, error, signal);
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  #redirected(exchange: Exchange, location: string): Exchange {
    const base = exchange.url;
    if (!URL.canParse(location, base.href)) throw this.#badAnswer(exchange, 'redirected to something that is no URL');
    const url = new URL(location, base.href);
    const isDowngrade = base.protocol === 'https:' && url.protocol !== 'https:';
    if (isDowngrade || !['http:', 'https:'].includes(url.protocol)) {
      throw this.#badAnswer(exchange, `redirected to ${redactUrl(url)}, which is less secure, and was not followed`);
    }
    const { authorization, ...others } = exchange.headers ?? {};
    const keep = url.origin === base.origin && authorization !== undefined;
    return { ...exchange, url, headers: keep ? { ...others, authorization } : others };
  }

  #badAnswer(exchange: Exchange, what: string): RegistryError {
    const where = `${exchange.method} ${redactUrl(exchange.url)}`;
    return new RegistryError('REGISTRY_BAD_ANSWER', `Registry "${this.#options.registry}" ${what} (${where}).`);
  }

  // The cause stays out: undici's parser errors carry raw bytes of the answer.
  #unreachable(exchange: Exchange, error: unknown, signal: AbortSignal): RegistryError {
    const why = signal.aborted ? 'the time for an answer ran out' : reasonOf(error);
    const where = redactUrl(exchange.url);
    const message = `Registry "${this.#options.registry}" could not be reached at ${where}: ${why}.`;
    return new RegistryError('REGISTRY_UNREACHABLE', message, { retriable: !needsAPerson(error) });
  }
}

export const createTransport = (
  { name, tls, timeoutMs = DEFAULT_TIMEOUT_MS }: RegistryClientOptions,
  { version = 'unversioned' }: ClientSettings,
): Transport => new Transport({ registry: name, timeoutMs, userAgent: `tagwarden/${version}`, tls });

export const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;

/** null where it is longer. */
async function readCapped(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) return null; // leaving the loop destroys the stream
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// One context for all connections: parsing the public authorities anew for each would cost milliseconds.
function tlsOptions(tls: TransportOptions['tls']) {
  return {
    ...(tls?.ca ? { secureContext: createSecureContext({ ca: [...rootCertificates, tls.ca] }) } : {}),
    ...(tls?.insecureSkipVerify ? { rejectUnauthorized: false } : {}),
  };
}

function codeOf(error: unknown): string {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error;
  return isCoded && typeof error.code === 'string' ? error.code : '';
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  const text = messageOf(error).slice(0, 300);
  return [text, text.includes(code) ? '' : code].filter((part) => part !== '').join(' ') || 'no reason given';
}

// A certificate or a malformed header does not heal by itself; everything else about a connection may.
const needsAPerson = (error: unknown): boolean =>
  /CERT|SELF_SIGNED|UNABLE_TO_|ERR_SSL_WRONG_VERSION_NUMBER|UND_ERR_INVALID_ARG/.test(codeOf(error));
