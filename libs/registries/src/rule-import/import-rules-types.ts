import type { RuleDefinition } from '#domain';

/** `path` is a place in what was given, `settings[0].tag_selectors[0].pattern`, or in what is answered, `rules[0].tags`. */
export type ImportRemark = { readonly path: string; readonly message: string };

export type RuleImport = {
  /** Each compiles, has a name of its own, and means what the settings mean. */
  readonly rules: readonly RuleDefinition[];
  /** What has no equivalent: no rule stands for it. */
  readonly notExpressed: readonly ImportRemark[];
  /** What is expressed, or needs no rule, and is worth knowing all the same. */
  readonly notes: readonly ImportRemark[];
};

/** What a vendor's answer leaves out, because it stood in the URL that was asked. Repositories have their whole name. */
export type RuleImportScope = {
  readonly project?: string | null | undefined;
  readonly repository?: string | null | undefined;
  readonly organisation?: string | null | undefined;
};

/** Pure. Throws `DomainError` `RULE_IMPORT_MALFORMED` for what is not that vendor's settings. Names may repeat. */
export type RuleConverter = (settings: unknown, scope: RuleImportScope) => RuleImport;
