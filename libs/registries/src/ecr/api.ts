import type { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { Attempts } from '../distribution/retry.js';
import { misconfigured, serviceUrl } from '../vendor-api/service-url.js';
import type { VendorCodes } from '../vendor-api/vendor-errors.js';
import { VendorRequests } from '../vendor-api/vendor-requests.js';
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

/** ECR's own API: JSON 1.1, each request signed (version 4). Holds connections: `close()` it. */
export class EcrApi {
  readonly #url: URL;
  readonly #region: string;
  readonly #credentials: AwsCredentialSource;
  readonly #requests: VendorRequests;
  readonly #attempts: Attempts;

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
    this.#attempts = new Attempts(options, settings);
  }

  /** Repeats what may pass. Throws `RegistryError` with the API's own code in `errors`. */
  async call<T extends z.ZodType>(action: string, input: object, schema: T): Promise<z.output<T>> {
    return this.#attempts.run((signal) => this.callOnce(action, input, schema, signal));
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
    this.#attempts.end();
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
