import { escapeDoublestar, type RuleDefinition, type TagSelectorDefinition } from '#domain';
import { expressed } from '../rule-import/import-rules-outcome.js';
import type { RuleImport } from '../rule-import/import-rules-types.js';

/** Which tags of one repository are immutable; `path` is its place in the settings. */
export type ImmutableTags = {
  readonly path: string;
  readonly repository: string;
  readonly tags: TagSelectorDefinition;
};

/** Rules for repositories, those with the same selection of tags together: accounts have hundreds that are set alike. */
export const rulesOf = (found: readonly ImmutableTags[]): RuleImport[] => groupedBySelection(found).map(ruleOf);

type Group = {
  readonly path: string;
  readonly repositories: readonly string[];
  readonly tags: TagSelectorDefinition;
};

/** Fewer than a saved rule may have patterns, and as many as somebody can still read. */
const MAX_REPOSITORIES = 500;

function groupedBySelection(found: readonly ImmutableTags[]): Group[] {
  const full: Group[] = [];
  const open = new Map<string, Group>();
  for (const { path, repository, tags } of found) {
    const key = JSON.stringify(tags);
    const group = open.get(key) ?? { path, repositories: [], tags };
    const grown = { ...group, repositories: [...group.repositories, repository] };
    if (grown.repositories.length < MAX_REPOSITORIES) open.set(key, grown);
    else {
      full.push(grown);
      open.delete(key);
    }
  }
  return [...full, ...open.values()];
}

function ruleOf({ path, repositories, tags }: Group): RuleImport {
  const place = repositories.length === 1 ? repositories[0] : `${repositories.length} repositories`;
  const rule: RuleDefinition = {
    name: `ecr ${place}, ${selectionName(tags)}`,
    repositories: { matching: repositories.map(escapeDoublestar) },
    tags,
    protect: ['overwrite'],
  };
  return expressed(path, rule);
}

function selectionName(tags: TagSelectorDefinition): string {
  if ('matching' in tags) return listed(tags.matching);
  return 'excluding' in tags && tags.excluding ? `all tags but ${listed(tags.excluding)}` : 'all tags';
}

const listed = (patterns: readonly string[]): string => {
  const text = patterns.join(' ');
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
};
