import type { z } from 'zod';
import { DomainError, parseRepositoryName } from '#domain';
import type { RuleImportScope } from './import-rules-types.js';

/** One of the things that were given, and its place: `settings`, or `settings[3]` where they are a list. */
export type SettingsItem = { readonly path: string; readonly value: unknown };

export const malformedImport = (path: string, message: string): DomainError =>
  new DomainError('RULE_IMPORT_MALFORMED', `${path}: ${message}`);

/** People join answers with `jq -s`, and ask for one rule alone: a list and its only element are both taken. */
export function itemsOf(settings: unknown, path = 'settings'): readonly SettingsItem[] {
  if (!Array.isArray(settings)) return [{ path, value: settings }];
  return settings.map((value: unknown, index) => ({ path: `${path}[${index}]`, value }));
}

/** Throws for the first thing that is wrong; `expected` says what should have been given. */
export function parseItem<T>(schema: z.ZodType<T>, { path, value }: SettingsItem, expected: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw malformedImport(pathOf(path, issue?.path ?? []), `${issue?.message ?? 'Invalid input'}. ${expected}`);
}

const pathOf = (start: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => text + (typeof key === 'number' ? `[${key}]` : `.${String(key)}`), start);

/** Whether it is an object that has such a key: vendors' forms of one setting are told apart by that. */
export const hasKey = (value: unknown, key: string): boolean =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key);

/** A name that the answer lacks. Throws with `why` where it was not given either. */
export function scopeName(scope: RuleImportScope, key: keyof RuleImportScope, why: string): string {
  const name = scope[key];
  if (!name) throw malformedImport(`scope.${key}`, `It is required. ${why}`);
  return importedName(`scope.${key}`, name);
}

/** A repository's name, or the beginning of one. */
export function importedName(path: string, name: string): string {
  try {
    return parseRepositoryName(name);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw malformedImport(path, error.message);
  }
}
