/** What a warning is about, for programs. Codes stay; messages may get better. */
export type RuleWarningCode =
  /** A pattern, or one of its alternatives, has what no name of that kind can have. */
  | 'inertPattern'
  /** A repository pattern that provably matches no repository. */
  | 'impossibleRepository'
  /** A repository pattern that begins like a registry's host: sound, but repositories are matched without it. */
  | 'registryHost'
  /** A repository pattern with upper-case letters: sound, but most registries have none. */
  | 'upperCaseRepository'
  /** A regex that, found anywhere, matches tags that were hardly meant. */
  | 'unanchoredRegex'
  /** A regex that, matched whole, is one odd tag, though it looks like the beginning of many. */
  | 'prefixOnly'
  /** An exclusion of everything: the rule covers nothing. */
  | 'excludesEverything'
  /** A pattern whose every match is excluded. */
  | 'excludedEntirely'
  /** Other rules cover all that this one covers, at least as strictly. */
  | 'shadowed';

/** A rule, or a pattern of it, that is sound and yet hardly does what it was written for. */
export type RuleWarning = {
  readonly code: RuleWarningCode;
  /** The place in the definition: `tags.matching[0]`. Empty where it is about the whole rule. */
  readonly path: string;
  /** null where it is about the whole rule. */
  readonly pattern: string | null;
  readonly message: string;
  /** A tag that shows the surprise; null where none can. */
  readonly example: string | null;
};

type Finding = Pick<RuleWarning, 'code' | 'message'> & { readonly example?: string };

/** The warnings that `find` has of each pattern of a list. */
export function warningsAbout(
  patterns: readonly string[],
  path: string,
  find: (pattern: string) => Finding | null,
): RuleWarning[] {
  return patterns.flatMap((pattern, index) => {
    const finding = find(pattern);
    return finding === null ? [] : [{ example: null, ...finding, path: `${path}[${index}]`, pattern }];
  });
}

export type { Finding as RuleWarningFinding };
