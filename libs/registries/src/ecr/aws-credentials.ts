import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ClientSettings, RegistryClientOptions } from '../adapter.js';
import { Renewed } from '../vendor-api/rotating-login.js';
import { misconfigured } from '../vendor-api/service-url.js';
import { VendorRequests } from '../vendor-api/vendor-requests.js';

export type AwsCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** Milliseconds since the epoch; Infinity for those of a user. */
  readonly expiresAt: number;
};

/** Credentials as they are now. Holds connections: `close()` it. */
export type AwsCredentialSource = {
  current(signal: AbortSignal): Promise<AwsCredentials>;
  readonly secrets: readonly string[];
  close(): Promise<void>;
};

/** What both endpoints answer. Source: the SDKs' guide, “Container credential provider” and “IMDS credential provider”. */
const Answer = z.object({
  AccessKeyId: z.string().min(1),
  SecretAccessKey: z.string().min(1),
  Token: z.string().nullish(),
  Expiration: z.coerce.date(),
});

/** null where nothing of the kind is configured. Throws `REGISTRY_MISCONFIGURED`. */
export function findAwsCredentials(
  options: RegistryClientOptions,
  settings: ClientSettings,
): AwsCredentialSource | null {
  const { accessKeyId, secretAccessKey, sessionToken } = options.secretOptions ?? {};
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return fixed({ accessKeyId, secretAccessKey, sessionToken, expiresAt: Number.POSITIVE_INFINITY });
  }
  if (accessKeyId !== undefined || secretAccessKey !== undefined) {
    throw misconfigured(options.name, 'accessKeyId and secretAccessKey belong together; give both or neither.');
  }
  const from = options.options?.credentialsFrom;
  if (from === undefined) return null;
  if (from !== 'container' && from !== 'instance') {
    throw misconfigured(options.name, 'credentialsFrom must be "container" or "instance".');
  }
  return renewed(options, settings, from === 'container' ? askContainer(options) : askInstance(options));
}

function fixed(credentials: AwsCredentials): AwsCredentialSource {
  const { secretAccessKey, sessionToken } = credentials;
  const secrets = [secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
  return { current: async () => credentials, secrets, close: async () => undefined };
}

type Ask = (requests: VendorRequests, signal: AbortSignal) => Promise<z.output<typeof Answer>>;

function renewed(options: RegistryClientOptions, settings: ClientSettings, ask: Ask): AwsCredentialSource {
  const requests = new VendorRequests(options, settings);
  const fetch = async (signal: AbortSignal) => {
    const { AccessKeyId, SecretAccessKey, Token, Expiration } = await ask(requests, signal);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: Token ?? undefined,
      expiresAt: Expiration.getTime(),
    };
  };
  const { name, timeoutMs } = options;
  const kept = new Renewed({ registry: name, fetch, secrets: () => [], timeoutMs });
  return {
    current: (signal) => kept.current(signal),
    get secrets() {
      const { secretAccessKey, sessionToken } = kept.kept ?? {};
      return [secretAccessKey, sessionToken].filter((secret) => secret !== undefined);
    },
    close: () => requests.close(),
  };
}

const CONTAINER_HOSTS: ReadonlySet<string> = new Set([
  '169.254.170.2',
  '169.254.170.23',
  '[fd00:ec2::23]',
  '127.0.0.1',
  'localhost',
]);

/** ECS and EKS Pod Identity. A path means the address that ECS has. */
function askContainer({ name, options = {}, secretOptions = {} }: RegistryClientOptions): Ask {
  const text = secretOptions.containerCredentialsUri ?? '';
  const base = 'http://169.254.170.2';
  const url = text !== '' && URL.canParse(text, base) ? new URL(text, base) : null;
  if (url === null || (url.protocol !== 'https:' && !CONTAINER_HOSTS.has(url.hostname))) {
    throw misconfigured(
      name,
      'containerCredentialsUri must be what AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI holds; write containerCredentialsUriEnv.',
    );
  }
  const { containerTokenPath } = options;
  return async (requests, signal) => {
    // The file changes under a running process.
    const token = containerTokenPath === undefined ? undefined : (await readFile(containerTokenPath, 'utf8')).trim();
    const headers: Record<string, string> = token === undefined ? {} : { authorization: token };
    return requests.ask(Answer, { method: 'GET', url, headers, secrets: token === undefined ? [] : [token] }, signal);
  };
}

const ROLE = /^[\w+=,.@-]{1,128}$/;

/** An EC2 instance's role, with a session (version 2) alone. */
function askInstance({ name, options = {} }: RegistryClientOptions): Ask {
  const base = options.instanceMetadataUrl ?? 'http://169.254.169.254';
  if (!URL.canParse(base)) throw misconfigured(name, 'instanceMetadataUrl must be a URL.');
  const at = (path: string) => new URL(`/latest/${path}`, base);
  return async (requests, signal) => {
    const ttl = { 'x-aws-ec2-metadata-token-ttl-seconds': '300' };
    const session = { method: 'PUT', url: at('api/token'), headers: ttl, secrets: [] } as const;
    const token = (await requests.askText(session, signal)).trim();
    const headers = { 'x-aws-ec2-metadata-token': token };
    const get = (path: string) => ({ method: 'GET', url: at(path), headers, secrets: [token] }) as const;
    const roles = 'meta-data/iam/security-credentials/';
    const role = (await requests.askText(get(roles), signal)).trim();
    if (!ROLE.test(role)) throw misconfigured(name, 'the instance has no role; attach one, or give an access key.');
    return requests.ask(Answer, get(`${roles}${role}`), signal);
  };
}
