const SIGNATURE_TAG = /^sha256-[0-9a-f]{64}/;

/** Signatures, attestations, SBOMs and the referrers fallback tag are named after the digest they belong to. */
export const isSignatureTag = (tag: string): boolean => SIGNATURE_TAG.test(tag);

const NAMED = { doublestar: /(?:^|[{,])sha256-/, regex: /sha256\\?-/ } as const;

/** Whether a tag pattern is about such tags by name, and so covers them: `sha256-*`. */
export const namesSignatureTags = (pattern: string, language: 'doublestar' | 'regex'): boolean =>
  NAMED[language].test(pattern);
