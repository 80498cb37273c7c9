import { LRUCache } from 'lru-cache';
import { Agent, request } from 'undici';
import { DomainError, messageOf } from '#domain';
import type { PublicDocuments } from '../adapter.js';

const REMEMBERED_MS = 3_600_000;
const MAX_DOCUMENTS = 100;
const MAX_BYTES = 1024 * 1024;
const TIMEOUT_MS = 5_000;

/** `SENDER_NOT_PROVABLE`: what is needed to know the sender cannot be had just now. */
class SenderNotProvableError extends DomainError {
  constructor(url: URL, cause: unknown) {
    super(
      'SENDER_NOT_PROVABLE',
      `Cannot make sure of a webhook's sender: ${url.origin}${url.pathname} cannot be read (${messageOf(cause).slice(0, 200)}).`,
      { cause, retriable: true },
    );
  }
}

/** Reads over https, without following redirects; adapters decide which hosts are the vendor's. */
export class HttpsDocuments implements PublicDocuments {
  readonly #agent = new Agent({ connect: { timeout: TIMEOUT_MS } });
  readonly #known = new LRUCache<string, Promise<string>>({ max: MAX_DOCUMENTS, ttl: REMEMBERED_MS });

  async fetchText(url: URL): Promise<string> {
    const known = this.#known.get(url.href);
    if (known !== undefined) return known;
    const reading = this.#read(url);
    this.#known.set(url.href, reading);
    try {
      return await reading;
    } catch (error) {
      this.#known.delete(url.href);
      throw new SenderNotProvableError(url, error);
    }
  }

  /** Asks once for the effect that asking has; what is answered does not matter beyond its status. */
  async visit(url: URL): Promise<void> {
    try {
      await this.#read(url);
    } catch (error) {
      throw new SenderNotProvableError(url, error);
    }
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  async #read(url: URL): Promise<string> {
    if (url.protocol !== 'https:') throw new Error('it is not https');
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const { statusCode, body } = await request(url, { dispatcher: this.#agent, signal });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body) {
      length += (chunk as Buffer).length;
      if (length > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
      chunks.push(chunk as Buffer);
    }
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    return Buffer.concat(chunks).toString('utf8');
  }
}
