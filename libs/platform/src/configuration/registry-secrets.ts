import { isMapping, valueAt } from './key-path.js';
import type { KnownKind } from './registries.js';

const LOGIN = ['password', 'token'] as const;
const WEBHOOK = ['webhook.token', 'webhook.secret'] as const;

type Mapping = Readonly<Record<string, unknown>>;

/** The key paths that hold the secrets of a registry of this kind. */
export const secretPathsOf = (kind: KnownKind | undefined): readonly string[] => [...loginPathsOf(kind), ...WEBHOOK];

/** Those that open the registry itself. */
export const loginPathsOf = (kind: KnownKind | undefined): readonly string[] => [
  ...LOGIN,
  ...(kind?.secretOptions ?? []).map(({ name }) => name),
];

/** A registry's mapping without its secrets, and those by their key paths; null is one that was sent to be taken away. */
export function splitSecrets(
  registry: Mapping,
  paths: readonly string[],
): { definition: Mapping; secrets: Readonly<Record<string, unknown>> } {
  const given = paths.map((path) => [path, valueAt(registry, path.split('.'))] as const);
  const secrets = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  return { definition: paths.reduce((rest, path) => without(rest, path.split('.')), registry), secrets };
}

/** The reverse. */
export const joinSecrets = (definition: Mapping, secrets: Readonly<Record<string, string>>): Mapping =>
  Object.entries(secrets).reduce((whole, [path, value]) => withValue(whole, path.split('.'), value), definition);

function without(mapping: Mapping, [key = '', ...rest]: readonly string[]): Mapping {
  const child = mapping[key];
  const { [key]: _, ...others } = mapping;
  if (rest.length === 0) return others;
  if (!isMapping(child)) return mapping;
  const left = without(child, rest);
  return Object.keys(left).length === 0 ? others : { ...mapping, [key]: left };
}

function withValue(mapping: Mapping, [key = '', ...rest]: readonly string[], value: string): Mapping {
  if (rest.length === 0) return { ...mapping, [key]: value };
  const child = mapping[key];
  return { ...mapping, [key]: withValue(isMapping(child) ? child : {}, rest, value) };
}
