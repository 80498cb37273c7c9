import { RegistryError } from '#application';
import { messageOf } from '#domain';
import type { RotatingLogin } from '../adapter.js';
import { withoutSecrets } from '../distribution/errors.js';
import { DEFAULT_TIMEOUT_MS } from '../distribution/transport.js';

/** Something that expires, at that many milliseconds since the epoch. */
export type Expiring<T> = T & { readonly expiresAt: number };

export type RenewalOptions<T> = {
  readonly registry: string;
  /** Asks the vendor. Aborted after the time that a request may take, not when one of the callers goes away. */
  readonly fetch: (signal: AbortSignal) => Promise<Expiring<T>>;
  /** What must never be repeated in a message. */
  readonly secrets: () => readonly string[];
  /** For one fetch, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number | undefined;
  /** Default: the clock. */
  readonly now?: (() => number) | undefined;
};

/** A quarter of the lifetime at most, so that what lives for minutes is not fetched for each request. */
const MARGIN_MS = 30 * 60_000;
/** After a failed renewal the old one is used, as long as it holds; the vendor is not asked for each request. */
const RENEW_AGAIN_MS = 30_000;

/** Keeps what `fetch` gave until shortly before it expires; callers at one time share one fetch. */
export class Renewed<T> {
  readonly #options: RenewalOptions<T>;
  readonly #now: () => number;
  #kept: Expiring<T> | undefined;
  #renewAt = 0;
  #fetching: Promise<Expiring<T>> | undefined;

  constructor(options: RenewalOptions<T>) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** What there is, however old. */
  get kept(): Expiring<T> | undefined {
    return this.#kept;
  }

  /** Throws `RegistryError`. */
  async current(signal: AbortSignal): Promise<Expiring<T>> {
    const kept = this.#kept;
    if (kept !== undefined && this.#now() < this.#renewAt) return kept;
    this.#fetching ??= this.#fetch().finally(() => {
      this.#fetching = undefined;
    });
    try {
      return await unlessAborted(this.#fetching, signal, () => this.#failed('the time for an answer ran out'));
    } catch (error) {
      if (kept === undefined || this.#now() >= kept.expiresAt) throw error;
      this.#renewAt = this.#now() + RENEW_AGAIN_MS;
      return kept;
    }
  }

  async #fetch(): Promise<Expiring<T>> {
    const { fetch, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    const askedAt = this.#now();
    try {
      const fetched = await fetch(AbortSignal.timeout(timeoutMs));
      this.#kept = fetched;
      this.#renewAt = fetched.expiresAt - Math.min(MARGIN_MS, (fetched.expiresAt - askedAt) / 4);
      return fetched;
    } catch (error) {
      throw error instanceof RegistryError ? error : this.#failed(messageOf(error).slice(0, 200));
    }
  }

  #failed(why: string): RegistryError {
    const { registry, secrets } = this.#options;
    const message = `The credentials for registry "${registry}" cannot be had: ${withoutSecrets(why, secrets())}.`;
    return new RegistryError('REGISTRY_UNREACHABLE', message, { retriable: true });
  }
}

export type Login = { readonly username: string; readonly password: string };

/** A login that is fetched anew in time. */
export function rotatingLogin(options: RenewalOptions<Login>): RotatingLogin {
  const login = new Renewed<Login>(options);
  return {
    async current(signal) {
      const { username, password } = await login.current(signal);
      return { username, password };
    },
    get secrets() {
      return [...options.secrets(), ...(login.kept === undefined ? [] : [login.kept.password])];
    },
  };
}

/** The caller may stop waiting; what others wait for goes on. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, failure: () => Error): Promise<T> {
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(failure());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop !== undefined) signal.removeEventListener('abort', stop);
  }
}
