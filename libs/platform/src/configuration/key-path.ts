/** A place in the configuration: keys and list indexes. */
export type KeyPath = readonly (string | number)[];

/** `registries[0].url` */
export const formatKeyPath = (path: KeyPath): string =>
  path
    .map((segment) => (typeof segment === 'number' ? `[${segment}]` : `.${segment}`))
    .join('')
    .replace(/^\./, '');

/** The reverse, for paths that the domain reports. */
export const parseKeyPath = (path: string): KeyPath =>
  [...path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)].map(([, key, index]) => key ?? Number(index));

export function valueAt(value: unknown, path: KeyPath): unknown {
  return path.reduce<unknown>(
    (parent, segment) =>
      isMapping(parent) || Array.isArray(parent) ? (parent as Record<string | number, unknown>)[segment] : undefined,
    value,
  );
}

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
