import { isDeepStrictEqual } from 'node:util';
import type { RegistrySecrets, StoredDefinition, StoredRegistry } from '#application';
import { type KnownKind, loginPathsOf, RegistryInvalidError, secretPathsOf } from '#platform';

/** What somebody sent in the place of a stored registry; a null takes its secret away. */
export type SentRegistry = {
  readonly definition: StoredDefinition;
  readonly secrets: Readonly<Record<string, unknown>>;
};

const ALTERNATIVES: Readonly<Record<string, string>> = { password: 'token', token: 'password' };

/**
 * The secrets from now on: those that were sent, and of the others those that were there. What opens a registry does not stay where
 * another place is named: nobody who may not see a password should have it sent to a host of their choice. Throws `REGISTRY_INVALID`.
 */
export function keptSecrets(
  before: StoredRegistry,
  sent: SentRegistry,
  kind: KnownKind | undefined,
): Readonly<Record<string, unknown>> {
  const given = Object.fromEntries(Object.entries(sent.secrets).filter(([, value]) => value !== null));
  if (before.secrets.type === 'unreadable') return given;
  const staying = stayingOf(before.secrets.values, sent.secrets, secretPathsOf(kind));
  const logins = loginPathsOf(kind).filter((path) => path in staying);
  if (logins.length > 0 && !isSamePlace(before.definition, sent.definition)) {
    throw new RegistryInvalidError(logins.map((path) => ({ path, message: MUST_BE_SENT })));
  }
  return { ...staying, ...given };
}

const MUST_BE_SENT =
  'It was stored for another url, kind, tls or option than these, and is not sent to a new place by itself. Send it again, or null to do without.';

function stayingOf(
  values: RegistrySecrets,
  sent: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): RegistrySecrets {
  const isReplaced = (path: string) => path in sent || typeof sent[ALTERNATIVES[path] ?? ''] === 'string';
  return Object.fromEntries(Object.entries(values).filter(([path]) => paths.includes(path) && !isReplaced(path)));
}

/** Whether requests go where they went. */
const isSamePlace = (before: StoredDefinition, after: StoredDefinition): boolean =>
  isDeepStrictEqual(placeOf(before), placeOf(after));

/** They lead nowhere, and say nothing about whom to trust. */
const HARMLESS: ReadonlySet<string> = new Set([
  'username',
  'webhook',
  'sweep',
  'timeout',
  'guardRepository',
  'guardCopyMiB',
  'canary',
]);

function placeOf({ url, ...others }: StoredDefinition): object {
  const origin = typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : url;
  return { origin, ...Object.fromEntries(Object.entries(others).filter(([key]) => !HARMLESS.has(key))) };
}
