import type { ClientSettings, RegistryClientOptions, RotatingLogin } from '../adapter.js';
import { parseJson } from '../parse-json.js';
import { rotatingLogin } from '../vendor-api/rotating-login.js';
import { misconfigured, serviceUrl } from '../vendor-api/service-url.js';
import { VendorRequests } from '../vendor-api/vendor-requests.js';
import { AccessToken, ServiceAccountKey } from './schema.js';

/** A login with an access token, and the project that it comes from. */
export type GoogleLogin = {
  readonly login: RotatingLogin;
  readonly project: string | null;
  close(): Promise<void>;
};

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const GRANT = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3600;
const METADATA = 'http://metadata.google.internal';

/** null where nothing of the kind is configured. Throws `REGISTRY_MISCONFIGURED`. */
export function findGoogleLogin(options: RegistryClientOptions, settings: ClientSettings): GoogleLogin | null {
  const from = options.options?.credentialsFrom;
  const key = options.secretOptions?.serviceAccountKey;
  if (from !== undefined && from !== 'metadata') {
    throw misconfigured(options.name, 'credentialsFrom must be "metadata".');
  }
  if (key !== undefined) return byKey(options, settings, readKey(options, key));
  return from === undefined ? null : byMetadata(options, settings);
}

function readKey({ name }: RegistryClientOptions, text: string): ServiceAccountKey {
  const parsed = ServiceAccountKey.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  // Not what zod says of it: that would quote the key.
  throw misconfigured(
    name,
    'serviceAccountKey must be the JSON of a service account’s key; write serviceAccountKeyFile.',
  );
}

/** Source: Google's “Using OAuth 2.0 for server to server applications”. */
function byKey(options: RegistryClientOptions, settings: ClientSettings, key: ServiceAccountKey): GoogleLogin {
  const url = serviceUrl(options, 'token_uri in serviceAccountKey', key.token_uri);
  const ask = async (requests: VendorRequests, signal: AbortSignal) => {
    const assertion = await signedAssertion(key);
    const form = { grant_type: GRANT, assertion };
    const codes = { denied: ['invalid_grant', 'invalid_client', 'unauthorized_client'] };
    return requests.ask(AccessToken, { method: 'POST', url, form, secrets: [assertion], codes }, signal);
  };
  return renewed(options, settings, ask, options.options?.project ?? key.project_id ?? null);
}

async function signedAssertion({ client_email, private_key, private_key_id, token_uri }: ServiceAccountKey) {
  const { importPKCS8, SignJWT } = await import('jose');
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(private_key_id === undefined ? {} : { kid: private_key_id }) })
    .setIssuer(client_email)
    .setAudience(token_uri)
    .setIssuedAt(now)
    .setExpirationTime(now + ASSERTION_SECONDS)
    .sign(await importPKCS8(private_key, 'RS256'));
}

/** The account of the machine or the pod. */
function byMetadata(options: RegistryClientOptions, settings: ClientSettings): GoogleLogin {
  const { metadataUrl = METADATA, project = null } = options.options ?? {};
  if (!URL.canParse(metadataUrl)) throw misconfigured(options.name, 'metadataUrl must be a URL.');
  const url = new URL('/computeMetadata/v1/instance/service-accounts/default/token', metadataUrl);
  const headers = { 'metadata-flavor': 'Google' };
  const ask = (requests: VendorRequests, signal: AbortSignal) =>
    requests.ask(AccessToken, { method: 'GET', url, headers, secrets: [] }, signal);
  return renewed(options, settings, ask, project);
}

type Ask = (requests: VendorRequests, signal: AbortSignal) => Promise<{ access_token: string; expires_in: number }>;

function renewed(
  options: RegistryClientOptions,
  settings: ClientSettings,
  ask: Ask,
  project: string | null,
): GoogleLogin {
  const requests = new VendorRequests(options, settings);
  const fetch = async (signal: AbortSignal) => {
    const { access_token, expires_in } = await ask(requests, signal);
    return { username: 'oauth2accesstoken', password: access_token, expiresAt: Date.now() + expires_in * 1000 };
  };
  const { name, timeoutMs } = options;
  const login = rotatingLogin({ registry: name, fetch, secrets: () => [], timeoutMs });
  return { login, project, close: () => requests.close() };
}
