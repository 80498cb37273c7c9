import { z } from 'zod';
import { escapeDoublestar, type TagSelectorDefinition } from '#domain';
import { combined, notExpressed, noted } from '../rule-import/import-rules-outcome.js';
import {
  hasKey,
  importedName,
  itemsOf,
  parseItem,
  type SettingsItem,
  scopeName,
} from '../rule-import/import-rules-settings.js';
import type { RuleConverter, RuleImport, RuleImportScope } from '../rule-import/import-rules-types.js';
import { type ImmutableTags, rulesOf } from './import-rules-groups.js';

const Filter = z.object({ filterType: z.string(), filter: z.string().min(1) });

/** Source: ECR's API, `Repository`, and the request of `PutImageTagMutability`. */
const Repository = z.object({
  repositoryName: z.string().nullish(),
  imageTagMutability: z.string(),
  imageTagMutabilityExclusionFilters: z.array(Filter).nullish(),
});
const Answer = z.object({ repositories: z.array(z.unknown()), nextToken: z.string().nullish() });

const EXPECTED = 'Give the answer of `aws ecr describe-repositories --output json` as it is, or one repository of it.';

/** What was found out about one repository: how its tags are selected, that it needs no rule, or what is odd about it. */
type Finding =
  | ({ readonly type: 'immutable' } & ImmutableTags)
  | { readonly type: 'mutable'; readonly repository: string }
  | { readonly type: 'odd'; readonly outcome: RuleImport };

/**
 * `describe-repositories`, a list of repositories, or one; `scope.repository` is needed where it is not named. Repositories with
 * the same settings become one rule.
 */
export const importEcrSettings: RuleConverter = (settings, scope) => {
  const { items, rest } = openAnswer({ path: 'settings', value: settings });
  const findings = items.flatMap((item) => examine(item, scope));
  const rules = rulesOf(findings.filter((finding) => finding.type === 'immutable'));
  const odd = findings.flatMap((finding) => (finding.type === 'odd' ? [finding.outcome] : []));
  return combined([...rules, ...odd, ...mutableNotes(findings), ...deletionNotes(rules), ...rest]);
};

function openAnswer(given: SettingsItem): { items: readonly SettingsItem[]; rest: readonly RuleImport[] } {
  if (!hasKey(given.value, 'repositories')) return { items: itemsOf(given.value), rest: [] };
  const { repositories, nextToken } = parseItem(Answer, given, EXPECTED);
  const items = itemsOf(repositories, 'settings.repositories');
  if (!nextToken) return { items, rest: [] };
  const message =
    'The answer is one page of several: import the others, too. Without --no-paginate the CLI joins them.';
  return { items, rest: [noted('settings.nextToken', message)] };
}

/** ECR's only wildcard is `*`, any run of characters; tags have no "/", so it means the same here. */
const wildcardPattern = (filter: string): string => filter.split(/\*+/).map(escapeDoublestar).join('*');

function examine(item: SettingsItem, scope: RuleImportScope): Finding[] {
  const {
    repositoryName,
    imageTagMutability: mode,
    imageTagMutabilityExclusionFilters,
  } = parseItem(Repository, item, EXPECTED);
  const { path } = item;
  const repository = repositoryName
    ? importedName(`${path}.repositoryName`, repositoryName)
    : scopeName(scope, 'repository', 'These settings do not name the repository.');
  const filters = imageTagMutabilityExclusionFilters ?? [];
  const patterns = filters
    .filter(({ filterType }) => filterType === 'WILDCARD')
    .map(({ filter }) => wildcardPattern(filter));
  const odd: Finding[] = filters.flatMap(({ filterType }, index) => {
    if (filterType === 'WILDCARD') return [];
    const message = `Filters of the type ${JSON.stringify(filterType)} are not known here, only WILDCARD.`;
    return [{ type: 'odd', outcome: notExpressed(`${path}.imageTagMutabilityExclusionFilters[${index}]`, message) }];
  });
  const immutable = (tags: TagSelectorDefinition): Finding => ({ type: 'immutable', repository, path, tags });
  switch (mode) {
    case 'MUTABLE':
      return [{ type: 'mutable', repository }];
    case 'IMMUTABLE':
      return [immutable({ all: true })];
    case 'MUTABLE_WITH_EXCLUSION':
      if (filters.length === 0) return [{ type: 'mutable', repository }];
      return patterns.length === 0 ? odd : [immutable({ matching: patterns }), ...odd];
    case 'IMMUTABLE_WITH_EXCLUSION':
      // Without the exclusion that is not understood the rule would put back tags that may change.
      if (odd.length > 0) return odd;
      return [immutable(patterns.length === 0 ? { all: true } : { all: true, excluding: patterns })];
    default: {
      const message = `The mutability ${JSON.stringify(mode.slice(0, 200))} of ${repository} is not known here.`;
      return [{ type: 'odd', outcome: notExpressed(`${path}.imageTagMutability`, message) }];
    }
  }
}

function mutableNotes(findings: readonly Finding[]): RuleImport[] {
  const mutable = findings.flatMap((finding) => (finding.type === 'mutable' ? [finding.repository] : []));
  return mutable.length === 0
    ? []
    : [noted('settings', `All tags are mutable, which needs no rule, in: ${mutable.join(', ')}.`)];
}

function deletionNotes(rules: readonly RuleImport[]): RuleImport[] {
  if (rules.length === 0) return [];
  const message =
    'ECR lets immutable tags be deleted, and then pushed anew with another image, so the rules protect against overwriting ' +
    'only. To close that hole, leave protect out: deletions are put right as well.';
  return [noted('rules', message)];
}
