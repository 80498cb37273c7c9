import { z } from 'zod';
import { compileDoublestar, escapeDoublestar, type RuleDefinition } from '#domain';
import { combined, expressed, notExpressed, patternFault } from '../rule-import/import-rules-outcome.js';
import { itemsOf, malformedImport, parseItem, scopeName } from '../rule-import/import-rules-settings.js';
import type { ImportRemark, RuleConverter, RuleImport } from '../rule-import/import-rules-types.js';

const Selector = z.object({
  kind: z.string(),
  decoration: z.string(),
  pattern: z.string(),
  extras: z.string().nullish(),
});
type Selector = z.infer<typeof Selector>;

/** Source: Harbor's API v2.0, `ImmutableRule`. */
const HarborRule = z.object({
  id: z.int().nullish(),
  disabled: z.boolean().nullish(),
  tag_selectors: z.array(Selector),
  scope_selectors: z.object({ repository: z.array(Selector).nullish() }),
});
type HarborRule = z.infer<typeof HarborRule>;

const EXPECTED = "Give the answer of Harbor's GET /api/v2.0/projects/{project}/immutabletagrules as it is.";

/**
 * `GET /api/v2.0/projects/{project}/immutabletagrules`, or one rule of it. Harbor's patterns are those of rules here, but a
 * repository's lacks the project, which `scope.project` names.
 */
export const importHarborRules: RuleConverter = (settings, scope) => {
  const project = scopeName(scope, 'project', "Harbor's rules do not say which project they belong to.");
  if (project.includes('/')) throw malformedImport('scope.project', 'A project of Harbor has no "/" in its name.');
  return combined(
    itemsOf(settings).map((item, index) => {
      const rule = parseItem(HarborRule, item, EXPECTED);
      return convert(rule, project, item.path, `harbor ${project} rule ${rule.id ?? index + 1}`);
    }),
  );
};

function convert(rule: HarborRule, project: string, path: string, name: string): RuleImport {
  const places = {
    repository: { path: `${path}.scope_selectors.repository`, selectors: rule.scope_selectors.repository ?? [] },
    tag: { path: `${path}.tag_selectors`, selectors: rule.tag_selectors },
  };
  const [repository, tag] = [places.repository.selectors[0], places.tag.selectors[0]];
  if (!repository || !tag) {
    const { path: empty } = repository ? places.tag : places.repository;
    return notExpressed(empty, 'It has no selector. Harbor skips such a rule: it protects nothing.');
  }
  const faults = [
    ...faultsOf(repository, ['repoMatches', 'repoExcludes'], `${places.repository.path}[0]`),
    ...faultsOf(tag, ['matches', 'excludes'], `${places.tag.path}[0]`),
  ];
  if (faults.length > 0) return { rules: [], notExpressed: faults, notes: [] };
  const definition: RuleDefinition = {
    name,
    repositories: repositoriesOf(repository, project),
    tags:
      tag.decoration === 'matches'
        ? { matching: [everyIfEmpty(tag.pattern)] }
        : { all: true, excluding: [everyIfEmpty(tag.pattern)] },
    ...(rule.disabled ? { enabled: false } : {}),
  };
  return expressed(path, definition, Object.values(places).flatMap(notesOf));
}

function faultsOf({ kind, decoration, pattern }: Selector, known: readonly string[], path: string): ImportRemark[] {
  if (kind !== 'doublestar') {
    const message = `Harbor has no selector kind ${JSON.stringify(kind)}, only "doublestar": the rule fails there, and protects nothing.`;
    return [{ path: `${path}.kind`, message }];
  }
  if (!known.includes(decoration)) {
    const message = `The decoration ${JSON.stringify(decoration)} does not belong here; Harbor's are ${known.join(' and ')}.`;
    return [{ path: `${path}.decoration`, message }];
  }
  const fault = patternFault(() => compileDoublestar(pattern));
  if (fault === null) return [];
  const message = `${fault} Harbor does not look at patterns when it saves them; a rule whose pattern it cannot read, and those behind it, protect nothing there.`;
  return [{ path: `${path}.pattern`, message }];
}

function repositoriesOf({ decoration, pattern }: Selector, project: string): RuleDefinition['repositories'] {
  const prefix = `${escapeDoublestar(project)}/`;
  const selected = prefix + everyIfEmpty(pattern);
  return decoration === 'repoMatches' ? { matching: [selected] } : { matching: [`${prefix}**`], excluding: [selected] };
}

/** Harbor takes an empty pattern for one that matches everything. */
const everyIfEmpty = (pattern: string): string => pattern || '**';

function notesOf({ path, selectors }: { path: string; selectors: readonly Selector[] }): ImportRemark[] {
  const notes: ImportRemark[] = [];
  if (selectors.length > 1) {
    notes.push({
      path,
      message: `Harbor looks at the first of the ${selectors.length} selectors only, and so does the rule.`,
    });
  }
  if (selectors[0]?.extras) {
    const message = 'It is about untagged manifests, which are never immutable, there or here. It is left out.';
    notes.push({ path: `${path}[0].extras`, message });
  }
  return notes;
}
