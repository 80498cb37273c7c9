import { Agent, buildConnector, request } from 'undici';
import { AlertDeliveryError, type DeliveryReceipt } from '#application';
import { excerptOf, retryAfterMs, sentenceFor, statusIsRetriable } from './http-answer.js';
import { isPrivateLiteral, PrivateAddressError, publicOnlyLookup, type ResolveHost } from './public-address.js';

export type HttpSenderOptions = {
  /** Also deliver to private addresses. */
  readonly allowPrivate?: boolean;
  /** For everything: name, connection, TLS, answer. */
  readonly timeoutMs?: number;
  readonly resolveHost?: ResolveHost;
  /** Milliseconds since the epoch, for a `Retry-After` that is a date. */
  readonly nowMs?: () => number;
};

const BODY_CAP = 4_096;

/** POSTs to one receiver. Follows no redirects, reads no more of an answer than an excerpt, and names the URL by its origin only. */
export class HttpSender {
  readonly #url: URL;
  readonly #agent: Agent;
  readonly #timeoutMs: number;
  readonly #nowMs: () => number;

  constructor(url: URL, options: HttpSenderOptions = {}) {
    this.#url = url;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
    this.#nowMs = options.nowMs ?? Date.now;
    // Alerts are rare: a connection each spares us the receiver that closes an idle one under our request.
    this.#agent = new Agent({ pipelining: 0, connect: connectorFor(options, this.#timeoutMs) });
  }

  /** Resolves on 2xx; rejects with `AlertDeliveryError`. */
  async post(headers: Readonly<Record<string, string>>, body: string): Promise<DeliveryReceipt> {
    const answer = await this.#exchange(headers, body).catch((error: unknown) => {
      throw this.#failureOf(error);
    });
    if (answer.status >= 200 && answer.status < 300) return { status: answer.status };
    throw new AlertDeliveryError(sentenceFor(this.#url.origin, answer.status, answer.excerpt), {
      retriable: statusIsRetriable(answer.status),
      ...answer,
    });
  }

  async #exchange(headers: Readonly<Record<string, string>>, body: string) {
    const signal = AbortSignal.timeout(this.#timeoutMs);
    const answer = await request(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'tagwarden', ...headers },
      body,
      dispatcher: this.#agent,
      signal,
    });
    // The status is what counts: a body that breaks off or drags on changes nothing of it.
    const beginning = await readBeginning(answer.body).catch(() => Buffer.alloc(0));
    return {
      status: answer.statusCode,
      retryAfterMs: retryAfterMs(answer.headers['retry-after'], this.#nowMs()),
      excerpt: excerptOf(beginning.toString('utf8'), this.#url),
    };
  }

  #failureOf(error: unknown): AlertDeliveryError {
    const { origin } = this.#url;
    if (error instanceof PrivateAddressError) {
      return new AlertDeliveryError(
        `${origin} was not contacted: ${error.message}. If the alert is meant to go there, set allowPrivate: true on the channel.`,
        { retriable: false },
      );
    }
    return new AlertDeliveryError(`${origin} could not be reached: ${reasonOf(error, this.#timeoutMs)}.`, {
      retriable: true,
    });
  }
}

function connectorFor(
  { allowPrivate = false, resolveHost }: HttpSenderOptions,
  timeout: number,
): buildConnector.connector {
  if (allowPrivate) return buildConnector({ timeout });
  const connect = buildConnector({ timeout, lookup: publicOnlyLookup(resolveHost) });
  return (options, callback) => {
    // Node looks up names only: an address in the URL would pass unseen.
    if (isPrivateLiteral(options.hostname)) callback(new PrivateAddressError(options.hostname), null);
    else connect(options, callback);
  };
}

async function readBeginning(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= BODY_CAP) break; // Leaving the loop destroys the stream and, with it, the connection.
  }
  return Buffer.concat(chunks).subarray(0, BODY_CAP);
}

/** A code where there is one: messages of the network stack are for programmers. */
function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, code, message } = (error ?? {}) as Partial<Record<'name' | 'code' | 'message', unknown>>;
  if (name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  return String(code ?? message ?? 'unknown failure');
}
