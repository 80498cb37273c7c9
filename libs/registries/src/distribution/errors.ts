import { z } from 'zod';
import { RegistryError, type RegistryErrorCode, type RegistryErrorDetail } from '#application';
import type { Digest } from '#domain';
import { parseJson } from '../parse-json.js';
import { redactUrl } from './redact-url.js';
import type { Answer } from './transport.js';

const RETRIABLE_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

export type FailedCall = { readonly registry: string; readonly method: string; readonly secrets: readonly string[] };

/** The error for an answer that is neither success nor absence. */
export function refusal(answer: Answer, call: FailedCall): RegistryError {
  const { status } = answer;
  const body = withoutSecrets(answer.body.toString('utf8'), call.secrets);
  const errors = readErrors(body);
  const said = errors.map((error) => `${error.code}: ${error.message}`).slice(0, 3);
  const what = `Registry "${call.registry}" answered ${status} to ${call.method} ${redactUrl(answer.url)}`;
  const code =
    call.method !== 'GET' && isImmutabilityRefusal(status, errors, body) ? 'REGISTRY_IMMUTABLE' : codeOf(status);
  const message = `${what}${said.length > 0 ? ` (${said.join('; ')})` : ''}. ${advice(code, status)}`;
  return new RegistryError(code, message, {
    retriable: RETRIABLE_STATUSES.has(status),
    status,
    errors,
    retryAfterMs: retryAfterMs(answer.headers['retry-after'], Date.now()),
  });
}

function codeOf(status: number): RegistryErrorCode {
  if (status === 401 || status === 403) return 'REGISTRY_DENIED';
  if (status === 429 || status === 503) return 'REGISTRY_BUSY';
  return 'REGISTRY_REFUSED';
}

const IMMUTABLE_CODES: ReadonlySet<string> = new Set([
  'TAG_IMMUTABLE',
  'IMAGETAGALREADYEXISTSEXCEPTION',
  'REGISTRY_DISALLOWED_OPERATION',
]);
const IMMUTABLE_STATUSES: ReadonlySet<number> = new Set([400, 403, 405, 409, 412]);
const SAYS_IMMUTABLE =
  /\bimmutab|cannot be overwritten|(?:not allowed|unable) to overwrite|operation is disallowed on this/i;

/**
 * Whether a refused PUT says that the registry itself holds the tag immutable. Registries agree neither on the status nor on the code, and
 * use each of them for other refusals as well (missing rights, malformed names), so a code of its own or the wording has to say it.
 */
export const isImmutabilityRefusal = (status: number, errors: readonly RegistryErrorDetail[], body: string): boolean =>
  IMMUTABLE_STATUSES.has(status) &&
  (errors.length > 0 ? errors : [{ code: '', message: body.slice(0, MAX_DETAIL) }]).some(
    ({ code, message, detail }: RegistryErrorDetail) =>
      IMMUTABLE_CODES.has(code.toUpperCase()) || SAYS_IMMUTABLE.test(`${message} ${wordsOf(detail)}`),
  );

const wordsOf = (detail: unknown): string => (typeof detail === 'string' ? detail : JSON.stringify(detail ?? ''));

function advice(code: RegistryErrorCode, status: number): string {
  if (code === 'REGISTRY_IMMUTABLE')
    return 'The registry itself holds the tag immutable and refuses to have it changed back: unlock it there, then restore by hand.';
  if (status === 401) return 'Check the username and password or the token configured for this registry.';
  if (status === 403)
    return 'Check what the configured account may do, and whether the registry protects the tag itself.';
  if (RETRIABLE_STATUSES.has(status)) return 'It may succeed later.';
  return 'The registry will not take this request as it is.';
}

/** `Retry-After` in seconds or as an HTTP date. Source: RFC 9110, 10.2.3. */
export function retryAfterMs(header: string | string[] | undefined, nowMs: number): number | null {
  const value = Array.isArray(header) ? header[0] : header;
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

const ErrorBody = z.object({
  errors: z.array(z.object({ code: z.string(), message: z.string().catch(''), detail: z.unknown().optional() })),
});

const MAX_ERRORS = 1000;
const MAX_DETAIL = 4096;

function readErrors(body: string): RegistryErrorDetail[] {
  const parsed = ErrorBody.safeParse(parseJson(body));
  if (!parsed.success) return [];
  return parsed.data.errors.slice(0, MAX_ERRORS).map(({ code, message, detail }) => ({
    code: code.slice(0, 100),
    message: message.slice(0, 500),
    ...(isSmall(detail) ? { detail } : {}),
  }));
}

function isSmall(detail: unknown): boolean {
  if (detail === undefined || detail === null) return false;
  try {
    return JSON.stringify(detail).length <= MAX_DETAIL;
  } catch {
    return false; // nested too deep to write out
  }
}

/** A shorter text stands in digests and error codes by chance; a whole Authorization value is never shorter. */
const SHORTEST_SECRET = 8;

/** Some proxies echo the request, its Authorization header included, in their error page. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const recognisable = secrets.filter((secret) => secret.length >= SHORTEST_SECRET);
  return recognisable.reduce((clean, secret) => clean.replaceAll(secret, '[redacted]'), text);
}

// Registries differ in the code, and in whether the digest stands bare, in an object or in the message.
const MISSING_CODES: ReadonlySet<string> = new Set(['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN']);

/** The digests of the blobs and child manifests that a refused `putManifest` says the registry no longer has. */
export function missingBlobs(error: unknown): Digest[] {
  if (!(error instanceof RegistryError)) return [];
  const found = error.errors
    .filter(({ code }) => MISSING_CODES.has(code))
    .flatMap(({ message, detail }) => `${message} ${JSON.stringify(detail ?? '')}`.match(DIGESTS) ?? []);
  return [...new Set(found)] as Digest[];
}

const DIGESTS = /\b(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\b/g;
