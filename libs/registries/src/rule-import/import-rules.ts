import { DomainError, escapeDoublestar, parseRegistryName, type RuleDefinition, warningsOf } from '#domain';
import { importDockerHubSettings } from '../dockerhub/import-rules.js';
import { importEcrSettings } from '../ecr/import-rules.js';
import { importHarborRules } from '../harbor/import-rules.js';
import { importQuayPolicies } from '../quay/import-rules.js';
import { signatureNotes } from './import-rules-signatures.js';
import type { ImportRemark, RuleConverter, RuleImport, RuleImportScope } from './import-rules-types.js';

const CONVERTERS: ReadonlyMap<string, RuleConverter> = new Map([
  ['harbor', importHarborRules],
  ['dockerhub', importDockerHubSettings],
  ['ecr', importEcrSettings],
  ['quay', importQuayPolicies],
]);

/** Named like the kind of registry that they come from. */
export const RULE_IMPORT_FORMATS: readonly string[] = [...CONVERTERS.keys()];

export type RuleImportRequest = {
  /** One of `RULE_IMPORT_FORMATS`. */
  readonly format: string;
  /** The configured registry that the rules shall hold for; null: every one. */
  readonly registry: string | null;
  readonly scope?: RuleImportScope | undefined;
  /** The JSON that the vendor's API answered, parsed. */
  readonly settings: unknown;
};

/**
 * Another system's immutability settings as rules that mean the same, and what could not be said. Saves nothing.
 * Throws `DomainError`: `RULE_IMPORT_FORMAT_UNKNOWN`, `RULE_IMPORT_MALFORMED`, `MALFORMED_NAME` for the registry.
 */
export function importRules({ format, registry, scope = {}, settings }: RuleImportRequest): RuleImport {
  const convert = CONVERTERS.get(format);
  if (!convert) throw unknownFormat(format);
  const registries = registry === null ? {} : { registries: [escapeDoublestar(parseRegistryName(registry))] };
  const imported = convert(settings, scope);
  const rules = withUniqueNames(imported.rules).map(({ name, ...rest }) => ({ name, ...registries, ...rest }));
  return { ...imported, rules, notes: [...imported.notes, ...warningNotes(rules), ...signatureNotes(rules)] };
}

function unknownFormat(format: string): DomainError {
  const known = RULE_IMPORT_FORMATS.join(', ');
  return new DomainError(
    'RULE_IMPORT_FORMAT_UNKNOWN',
    `Rules of the format ${JSON.stringify(format.slice(0, 200))} cannot be imported; use one of: ${known}.`,
  );
}

/** What a saved rule's name may have. */
const MAX_NAME = 200;

function withUniqueNames(rules: readonly RuleDefinition[]): RuleDefinition[] {
  const taken = new Set<string>();
  return rules.map((rule) => {
    let name = rule.name.slice(0, MAX_NAME);
    for (let copy = 2; taken.has(name); copy += 1) name = numbered(rule.name, ` (${copy})`);
    taken.add(name);
    return { ...rule, name };
  });
}

const numbered = (name: string, number: string): string => name.slice(0, MAX_NAME - number.length) + number;

const warningNotes = (rules: readonly RuleDefinition[]): ImportRemark[] =>
  rules.flatMap((rule, index) =>
    warningsOf(rule).map(({ path, pattern, message }) => ({
      path: `rules[${index}].${path}`,
      message: pattern === null ? message : `${JSON.stringify(pattern.slice(0, 200))}: ${message}`,
    })),
  );
