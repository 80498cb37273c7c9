import { RegistryError } from '#application';
import { DomainError } from '#domain';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { Authenticator } from './auth.js';
import { refusal } from './errors.js';
import { Attempts } from './retry.js';
import { type Answer, createTransport, type Exchange, type Transport } from './transport.js';

/** A request to the registry; `scope` as the token specification writes it. */
export type Call = Exchange & { readonly scope: string };

/** Calls to one registry: authenticated, retried, and answered by a success, by 404, or by a `RegistryError`. */
export class RegistryConnection {
  readonly name: string;
  readonly #base: URL;
  readonly #transport: Transport;
  readonly #auth: Authenticator;
  readonly #attempts: Attempts;

  constructor(options: RegistryClientOptions, settings: ClientSettings) {
    this.name = options.name;
    this.#base = baseUrl(options);
    this.#transport = createTransport(options, settings);
    this.#attempts = new Attempts(options, settings);
    this.#auth = new Authenticator(options, this.urlOf(''), this.#transport);
  }

  /** The URL of a path below `/v2/`. */
  urlOf(path: string): URL {
    return new URL(`v2/${path}`, this.#base);
  }

  /** Resolves with a 2xx or a 404. */
  async call(call: Call): Promise<Answer> {
    return this.#attempts.run(async (signal) => {
      const sent = await this.#auth.headerFor(call.scope, signal);
      const answer = await this.#send(call, sent, signal);
      if (answer.status !== 401) return answer;
      const renewed = await this.#auth.renew(answer, call.scope, sent, signal);
      const second = renewed === undefined ? answer : await this.#send(call, renewed, signal);
      if (second.status === 401) throw this.refused(call, second, renewed);
      return second;
    });
  }

  /** The error for an answer that the call can't use. `sent` is the Authorization header, kept out of the message. */
  refused(call: Call, answer: Answer, sent?: string): RegistryError {
    const credential = sent?.slice(sent.indexOf(' ') + 1) ?? '';
    return refusal(answer, {
      registry: this.name,
      method: call.method,
      secrets: [...this.#auth.secrets, credential],
    });
  }

  badAnswer(call: Call, what: string): RegistryError {
    return new RegistryError(
      'REGISTRY_BAD_ANSWER',
      `Registry "${this.name}" ${what} (${call.method} ${call.url.pathname}).`,
    );
  }

  async close(): Promise<void> {
    if (this.#attempts.end()) await this.#transport.close();
  }

  async #send(call: Call, authorization: string | undefined, signal: AbortSignal): Promise<Answer> {
    const headers = authorization === undefined ? call.headers : { ...call.headers, authorization };
    const answer = await this.#transport.send({ ...call, headers: headers ?? {} }, signal);
    const isAnswered = (answer.status >= 200 && answer.status < 300) || answer.status === 404;
    // Whether a 401 is final depends on what else can be offered.
    if (isAnswered || answer.status === 401) return answer;
    throw this.refused(call, answer, authorization);
  }
}

function baseUrl({ name, url }: RegistryClientOptions): URL {
  const base = URL.canParse(url) ? new URL(url) : null;
  const isUsable = base !== null && ['http:', 'https:'].includes(base.protocol);
  if (!isUsable || base.username !== '' || base.password !== '' || base.search !== '') {
    throw new DomainError(
      'REGISTRY_MISCONFIGURED',
      `The url of registry "${name}" must be http(s)://host[:port][/path] with nothing else in it; credentials go to username and password.`,
    );
  }
  return new URL(`${base.href.replace(/\/+$/, '')}/`);
}
