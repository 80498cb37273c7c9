import type { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { DEFAULT_RETRY, retrying } from '../distribution/retry.js';
import type { VendorCodes } from '../vendor-errors.js';
import { misconfigured, serviceUrl, VendorRequests } from '../vendor-requests.js';
import type { AwsCredentialSource, AwsCredentials } from './aws-credentials.js';
import { apiHost, findRegistryHost } from './registry-host.js';

const CODES: VendorCodes = {
  denied: [
    'AccessDeniedException',
    'UnrecognizedClientException',
    'InvalidSignatureException',
    'ExpiredTokenException',
    'IncompleteSignatureException',
    'MissingAuthenticationTokenException',
  ],
  immutable: ['ImageTagAlreadyExistsException'],
};

const DEFAULT_TIMEOUT_MS = 10_000;

/** ECR's own API: JSON 1.1, each request signed (version 4). Holds connections: `close()` it. */
export class EcrApi {
  readonly #url: URL;
  readonly #region: string;
  readonly #credentials: AwsCredentialSource;
  readonly #requests: VendorRequests;
  readonly #timeoutMs: number;
  readonly #retry: typeof DEFAULT_RETRY;
  readonly #closed = new AbortController();

  /** Throws `REGISTRY_MISCONFIGURED`. */
  constructor(options: RegistryClientOptions, settings: ClientSettings, credentials: AwsCredentialSource) {
    const host = findRegistryHost(options.url);
    const region = options.options?.region ?? host?.region;
    if (region === undefined) {
      throw misconfigured(
        options.name,
        'region is needed, as the url is not of the form <account>.dkr.ecr.<region>.amazonaws.com.',
      );
    }
    const url =
      options.options?.apiUrl ?? host?.apiUrl ?? `https://${apiHost(region, false, region.startsWith('cn-'))}`;
    this.#url = serviceUrl(options, 'apiUrl', url);
    this.#region = region;
    this.#credentials = credentials;
    this.#requests = new VendorRequests(options, settings);
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#retry = { ...DEFAULT_RETRY, ...settings.retry };
  }

  /** Repeats what may pass. Throws `RegistryError` with the API's own code in `errors`. */
  async call<T extends z.ZodType>(action: string, input: object, schema: T): Promise<z.output<T>> {
    return retrying(this.#retry, this.#closed.signal, (msLeft) => {
      const ms = Math.max(1, Math.min(this.#timeoutMs, Math.floor(msLeft)));
      return this.callOnce(action, input, schema, AbortSignal.timeout(ms));
    });
  }

  async callOnce<T extends z.ZodType>(
    action: string,
    input: object,
    schema: T,
    signal: AbortSignal,
  ): Promise<z.output<T>> {
    const credentials = await this.#credentials.current(signal);
    const body = JSON.stringify(input);
    const headers = await this.#signed(action, body, credentials);
    const secrets = [...this.#credentials.secrets, headers.authorization ?? ''];
    const request = {
      method: 'POST',
      url: this.#url,
      headers,
      body: Buffer.from(body),
      secrets,
      codes: CODES,
    } as const;
    return this.#requests.ask(schema, request, signal);
  }

  /** When the credentials in use end; what is made from them ends with them. */
  async credentialsExpireAt(signal: AbortSignal): Promise<number> {
    return (await this.#credentials.current(signal)).expiresAt;
  }

  get secrets(): readonly string[] {
    return this.#credentials.secrets;
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all([this.#requests.close(), this.#credentials.close()]);
  }

  async #signed(action: string, body: string, credentials: AwsCredentials): Promise<Record<string, string>> {
    const { AwsV4Signer } = await import('aws4fetch');
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    const signer = new AwsV4Signer({
      method: 'POST',
      url: this.#url.href,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
      },
      body,
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === undefined ? {} : { sessionToken }),
      service: 'ecr',
      region: this.#region,
      allHeaders: true,
    });
    const { headers } = await signer.sign();
    return Object.fromEntries(headers);
  }
}
