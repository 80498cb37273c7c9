import { DomainError } from '#domain';
import type { ConfigurationProblem } from './configuration-error.js';
import { formatKeyPath, isMapping, type KeyPath } from './key-path.js';
import { Loading } from './loading.js';
import { isMetadataAddress } from './private-address.js';
import { type KnownKind, loadRegistry, type RegistryConfiguration } from './registries.js';
import { joinSecrets } from './registry-secrets.js';
import { findUrl } from './values.js';

type RegistryProblem = Pick<ConfigurationProblem, 'path' | 'message'>;

/** `REGISTRY_INVALID`: everything that is wrong with a registry that somebody sent. Holds no value of a secret. */
export class RegistryInvalidError extends DomainError {
  readonly problems: readonly RegistryProblem[];

  constructor(problems: readonly RegistryProblem[]) {
    super('REGISTRY_INVALID', problems.map(({ path, message }) => `${path || 'The registry'}: ${message}`).join(' '));
    this.problems = problems.map(({ path, message }) => ({ path, message }));
  }
}

/** What names something of the machine that Tagwarden runs on: only who configures that machine may. */
const NAMES_THE_MACHINE = /(?:Env|File|Path)$/;

/**
 * A registry as tagwarden.yaml has it, its secrets in clear, by the same rules as the file's. It may neither read variables and files nor
 * lead to where a cloud gives machines their credentials. Throws `REGISTRY_INVALID`.
 */
export function loadOneRegistry(
  value: Readonly<Record<string, unknown>>,
  kinds: readonly KnownKind[],
): RegistryConfiguration {
  const loading = new Loading({
    env: {},
    cwd: '/',
    readFile: () => {
      throw new Error('Nothing is read for a registry that was sent.');
    },
    file: { values: { ...value }, absolutePath: '/', locate: () => null },
    inClear: true,
  });
  const refused = keysOf(value, []).filter((path) => NAMES_THE_MACHINE.test(String(path.at(-1))));
  if (refused.length > 0) throw new RegistryInvalidError(refused.map(refusalOf));
  const registry = loadRegistry(loading, [], kinds);
  if (registry !== null) for (const path of leadingToMetadata(registry)) loading.report([path], LEADS_TO_METADATA);
  if (registry === null || loading.problems.length > 0) throw new RegistryInvalidError(loading.problems);
  return registry;
}

const LEADS_TO_METADATA =
  'It is an address where a cloud tells this machine its credentials. Only the configuration file may name it.';

const refusalOf = (path: KeyPath) => ({
  path: formatKeyPath(path),
  message:
    'It would name a variable or a file of the machine that Tagwarden runs on, which only the configuration file may. ' +
    'Send the value itself, where there is a key for it.',
});

/** Below a section of a registry there are no further keys; what a stranger nests deeper the schema refuses. */
const MAX_DEPTH = 2;

const keysOf = (value: unknown, path: KeyPath): KeyPath[] =>
  isMapping(value) && path.length < MAX_DEPTH
    ? Object.entries(value).flatMap(([key, child]) => [[...path, key], ...keysOf(child, [...path, key])])
    : [];

/** The keys whose URLs do so by their text; what a name resolves to is looked up before anything is saved. */
function leadingToMetadata({ url, options, secretOptions }: RegistryConfiguration): string[] {
  const secrets = Object.entries(secretOptions).map(([key, secret]) => [key, secret.reveal()] as const);
  return [['url', url] as const, ...Object.entries(options), ...secrets]
    .filter(([, text]) => isMetadataAddress(findUrl(text)?.hostname ?? ''))
    .map(([key]) => key);
}

/** A registry as it is stored. Throws `REGISTRY_INVALID`: another version may have allowed what this one does not. */
export const loadStoredRegistry = (
  name: string,
  definition: Readonly<Record<string, unknown>>,
  secrets: Readonly<Record<string, string>>,
  kinds: readonly KnownKind[],
): RegistryConfiguration => loadOneRegistry({ ...joinSecrets(definition, secrets), name }, kinds);
