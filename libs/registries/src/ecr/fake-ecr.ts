import { createHash, createHmac } from 'node:crypto';
import type { FakeRegistryOptions, FakeReply, FakeRequest } from '#testing';
import { FakeVendor } from '../fake-vendor.js';

export const FAKE_KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session-of-a-role-4711',
};
const PASSWORD = 'twelve-hours-password';
const ACCOUNT = '123456789012';

export type FakeEcrOptions = {
  /** `/v2/` asks for the password that the API gives. */
  readonly closed?: boolean;
  /** Milliseconds from now on that a given password holds. Default: twelve hours. */
  readonly passwordMs?: number;
  /** Tags cannot be moved. */
  readonly immutable?: boolean;
};

/** ECR in this process: `/v2/`, and beside it the API, which checks each request's signature by a calculation of its own. */
export class FakeEcr extends FakeVendor {
  /** The API's actions that were asked for and allowed, oldest first. */
  readonly actions: string[] = [];
  /** Answers the next requests to the API like this. */
  readonly failures: FakeReply[] = [];
  readonly #options: FakeEcrOptions;

  private constructor(options: FakeEcrOptions) {
    super();
    this.#options = options;
  }

  static async start(options: FakeEcrOptions = {}): Promise<FakeEcr> {
    const fake = new FakeEcr(options);
    const auth = { type: 'basic', username: 'AWS', password: PASSWORD } as const;
    const registry: FakeRegistryOptions = {
      // An image goes with its last tag; one that was overwritten stays, untagged.
      dropsUntagged: true,
      hidesCatalog: true,
      ...(options.closed ? { auth } : {}),
    };
    await fake.open(registry);
    if (options.immutable) fake.registry.refuseOverwrites({ ...TAG_INVALID });
    return fake;
  }

  protected override async answer(request: FakeRequest): Promise<FakeReply | null> {
    const { pathname } = request.url;
    if (pathname.startsWith('/latest/')) return serveMetadata(request);
    if (pathname === '/container-credentials') return serveContainer(request);
    const action = String(request.headers['x-amz-target'] ?? '').split('.')[1];
    if (pathname !== '/' || action === undefined) return null;
    const failure = this.failures.shift();
    if (failure) return failure;
    if (!isSigned(request)) return refusal('InvalidSignatureException', 'The request signature does not match.');
    this.actions.push(action);
    const input = JSON.parse(request.body.toString('utf8'));
    switch (action) {
      case 'GetAuthorizationToken':
        return json(200, { authorizationData: [this.#password()] });
      case 'DescribeRepositories':
        return this.#list(input);
      case 'BatchGetImage':
        return this.#getImage(input);
      case 'PutImage':
        return this.#putImage(input);
      default:
        return refusal('UnknownOperationException', action);
    }
  }

  #password() {
    const expiresAt = (Date.now() + (this.#options.passwordMs ?? 12 * 3_600_000)) / 1000;
    const authorizationToken = Buffer.from(`AWS:${PASSWORD}`).toString('base64');
    return { authorizationToken, expiresAt, proxyEndpoint: this.url };
  }

  #list({ maxResults, nextToken }: { maxResults: number; nextToken?: string }): FakeReply {
    const from = Number(nextToken ?? 0);
    const all = this.registry.repositories;
    const page = all.slice(from, from + maxResults);
    const repositories = page.map((repositoryName) => ({ repositoryName, registryId: ACCOUNT }));
    return json(200, {
      repositories,
      ...(from + maxResults < all.length ? { nextToken: String(from + maxResults) } : {}),
    });
  }

  async #getImage({ repositoryName, imageIds }: { repositoryName: string; imageIds: [{ imageDigest: string }] }) {
    if (!this.registry.repositories.includes(repositoryName)) return refusal('RepositoryNotFoundException', 'No.');
    const [{ imageDigest }] = imageIds;
    const found = await this.#ask('GET', repositoryName, imageDigest);
    if (found.status === 404) return json(200, { images: [], failures: [{ failureCode: 'ImageNotFound' }] });
    const imageManifestMediaType = found.headers.get('content-type');
    const image = { imageManifest: await found.text(), imageManifestMediaType, imageId: { imageDigest } };
    return json(200, { images: [image], failures: [] });
  }

  async #putImage(input: Record<string, string>): Promise<FakeReply> {
    const { repositoryName = '', imageTag = '', imageManifest = '', imageManifestMediaType = '' } = input;
    const digest = `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`;
    const current = this.registry.findTag(repositoryName, imageTag);
    if (current === digest) return refusal('ImageAlreadyExistsException', 'Image already exists.');
    if (current !== null && this.#options.immutable) {
      return refusal('ImageTagAlreadyExistsException', `The image tag '${imageTag}' already exists and is immutable.`);
    }
    const answer = await this.#ask('PUT', repositoryName, imageTag, imageManifest, imageManifestMediaType);
    return answer.status === 201
      ? json(200, { image: { repositoryName, imageId: { imageTag, imageDigest: digest } } })
      : refusal('LayersNotFoundException', 'One or more layers are not there.');
  }

  async #ask(method: string, repository: string, reference: string, body?: string, type = ''): Promise<Response> {
    const accept =
      'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, ' +
      'application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json';
    const authorization = `Basic ${Buffer.from(`AWS:${PASSWORD}`).toString('base64')}`;
    const headers: Record<string, string> = {
      accept,
      authorization,
      ...(body === undefined ? {} : { 'content-type': type }),
    };
    const url = `${this.url}/v2/${repository}/manifests/${reference}`;
    return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  }
}

const TAG_INVALID = {
  status: 400,
  code: 'TAG_INVALID',
  message:
    "The image tag 'v1' already exists in the 'team/app' repository and cannot be overwritten because the repository is immutable.",
};

const json = (status: number, value: unknown): FakeReply => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(value),
});

const refusal = (code: string, message: string): FakeReply =>
  json(400, { __type: `com.amazonaws.ecr#${code}`, message });

/** The role's credentials, for whoever holds a session of the metadata service. */
function serveMetadata({ method, url, headers }: FakeRequest): FakeReply {
  if (url.pathname === '/latest/api/token') {
    const isAsked = method === 'PUT' && Number(headers['x-aws-ec2-metadata-token-ttl-seconds']) > 0;
    return isAsked ? { status: 200, body: 'metadata-session' } : { status: 400 };
  }
  if (headers['x-aws-ec2-metadata-token'] !== 'metadata-session') return { status: 401 };
  const roles = '/latest/meta-data/iam/security-credentials/';
  if (url.pathname === roles) return { status: 200, body: 'tagwarden-role\n' };
  return url.pathname === `${roles}tagwarden-role` ? json(200, temporary()) : { status: 404 };
}

const serveContainer = ({ headers }: FakeRequest): FakeReply =>
  headers.authorization === 'container-token' ? json(200, temporary()) : { status: 401 };

function temporary() {
  const { accessKeyId, secretAccessKey, sessionToken } = FAKE_KEY;
  const Expiration = new Date(Date.now() + 6 * 3_600_000).toISOString();
  return { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration };
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/ecr\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/;

/** Signature version 4, written from its description and sharing nothing with the product. */
function isSigned({ headers, body }: FakeRequest): boolean {
  const [, id, day = '', region = '', names = '', signature] = AUTHORIZATION.exec(headers.authorization ?? '') ?? [];
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n');
  const date = String(headers['x-amz-date']);
  const scope = `${day}/${region}/ecr/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = ['ecr', 'aws4_request'].reduce(
    (made: Buffer, part) => hmac(made, part),
    hmac(hmac(`AWS4${FAKE_KEY.secretAccessKey}`, day), region),
  );
  const token = headers['x-amz-security-token'];
  const isFresh = date.startsWith(day) && ['host', 'x-amz-date', 'x-amz-target'].every((name) => names.includes(name));
  const isKnown = id === FAKE_KEY.accessKeyId && (token === undefined || token === FAKE_KEY.sessionToken);
  return isKnown && isFresh && hmac(key, text).toString('hex') === signature;
}
