import { deriveId } from '../registry-event.js';
import type { ViolationKind } from '../violation.js';
import type { Anchoring } from './tag-regex.js';

/** `enforce` puts the sealed digest back; `audit` detects and alerts, and writes nothing. */
export type RuleMode = 'enforce' | 'audit';
export const RULE_MODES = ['enforce', 'audit'] as const satisfies readonly RuleMode[];
/** What a rule protects against; always written in this order. */
export const PROTECTIONS = ['overwrite', 'deletion'] as const satisfies readonly ViolationKind[];

/** Who owns the rule: the configuration file, or people through the API. */
export type RuleOrigin = 'file' | 'api';

/** What one of `matching` matches and none of `excluding` does. Doublestar patterns. */
export type Selector = { readonly matching: readonly string[]; readonly excluding: readonly string[] };

export type TagSelector =
  | ({ readonly type: 'doublestar' } & Selector)
  | {
      readonly type: 'regex';
      readonly regex: readonly string[];
      readonly excludingRegex: readonly string[];
      readonly anchoring: Anchoring;
    }
  | { readonly type: 'all'; readonly excluding: readonly string[] };

/** Which tags of which repositories are immutable, and how strictly. */
export type Rule = {
  readonly id: string;
  readonly name: string;
  readonly origin: RuleOrigin;
  readonly enabled: boolean;
  readonly registries: Selector;
  readonly repositories: Selector;
  readonly tags: TagSelector;
  readonly mode: RuleMode;
  readonly protect: readonly ViolationKind[];
  /** Whether what it seals is also kept in the registry's guard repository. */
  readonly guard: boolean;
};

export type TagSelectorDefinition =
  | { readonly matching: readonly string[]; readonly excluding?: readonly string[] | undefined }
  | {
      readonly regex: readonly string[];
      readonly excludingRegex?: readonly string[] | undefined;
      /** Stated, not defaulted: registries differ in it, and it changes the answer. */
      readonly anchoring: Anchoring;
    }
  | { readonly all: true; readonly excluding?: readonly string[] | undefined };

/** A rule as people write it, in the YAML and over the API. */
export type RuleDefinition = {
  readonly name: string;
  /** Globs over the registries' names. Default: every registry. */
  readonly registries?: readonly string[] | undefined;
  /** Default: every repository. */
  readonly repositories?:
    | { readonly matching?: readonly string[] | undefined; readonly excluding?: readonly string[] | undefined }
    | undefined;
  readonly tags: TagSelectorDefinition;
  /** Default: enforce. */
  readonly mode?: RuleMode | undefined;
  /** Default: both. */
  readonly protect?: readonly ViolationKind[] | undefined;
  /** Default: false. */
  readonly guard?: boolean | undefined;
  /** Default: true. */
  readonly enabled?: boolean | undefined;
};

export type RuleIdentity = { readonly id: string; readonly origin: RuleOrigin };

/** A rule in the file has no id of its own: its name is it, so that editing the rule's patterns does not make it another. */
export const fileRuleIdentity = (name: string): RuleIdentity => ({ id: deriveId('rule', name), origin: 'file' });

/** The definition with its defaults filled in. Patterns are not looked at. */
export function ruleOf(definition: RuleDefinition, identity: RuleIdentity): Rule {
  return {
    ...identity,
    name: definition.name,
    enabled: definition.enabled ?? true,
    registries: { matching: definition.registries ?? ['*'], excluding: [] },
    repositories: {
      matching: definition.repositories?.matching ?? ['**'],
      excluding: definition.repositories?.excluding ?? [],
    },
    tags: tagSelectorOf(definition.tags),
    mode: definition.mode ?? 'enforce',
    protect: PROTECTIONS.filter((kind) => definition.protect?.includes(kind) ?? true),
    guard: definition.guard ?? false,
  };
}

function tagSelectorOf(tags: TagSelectorDefinition): TagSelector {
  if ('all' in tags) return { type: 'all', excluding: tags.excluding ?? [] };
  if ('regex' in tags) {
    const { regex, excludingRegex = [], anchoring } = tags;
    return { type: 'regex', regex, excludingRegex, anchoring };
  }
  return { type: 'doublestar', matching: tags.matching, excluding: tags.excluding ?? [] };
}

/** The rule as people write it, every default spelled out; `ruleOf` of it is the rule again. */
export function definitionOf(rule: Rule): RuleDefinition {
  const { name, registries, repositories, mode, protect, guard, enabled } = rule;
  return {
    name,
    registries: registries.matching,
    repositories,
    tags: tagDefinitionOf(rule.tags),
    mode,
    protect,
    guard,
    enabled,
  };
}

function tagDefinitionOf(tags: TagSelector): TagSelectorDefinition {
  if (tags.type === 'all') return { all: true, excluding: tags.excluding };
  const { type: _, ...definition } = tags;
  return definition;
}
