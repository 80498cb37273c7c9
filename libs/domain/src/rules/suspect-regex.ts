import { isTagName } from '../names.js';
import { unlessMalformed } from './inert-pattern.js';
import { samplesOf } from './regex-samples.js';
import type { RuleWarningFinding } from './rule-warning.js';
import { type Anchoring, compileRegex } from './tag-regex.js';

/** Finds why a tag regex matches tags that were hardly meant, or hardly any. Malformed ones are passed over. */
export function suspectRegex(regex: string, anchoring: Anchoring): RuleWarningFinding | null {
  return unlessMalformed(() => {
    if (regex !== regex.trim()) {
      const message = 'No tag has a space in it; this one begins or ends the regex. Remove it.';
      return { code: 'inertPattern', message };
    }
    if (anchoring === 'full') return prefixOnly(regex);
    return halfAnchored(regex) ?? openStart(regex) ?? openVersion(regex);
  });
}

const finder = (regex: string): ((tag: string) => boolean) => compileRegex(regex, 'search').matches;

/** Names of moving tags and branches, which people mean whole. Words like `rc` or `prod` are as often parts of names. */
const WHOLE_NAMES = new Set(['latest', 'stable', 'main', 'master', 'trunk']);
const isWholeName = (sample: string): boolean => WHOLE_NAMES.has(sample);
const isVersion = (sample: string): boolean => /^(?:[vV]\d|\d+\.\d)/.test(sample);
const isSuffix = (sample: string): boolean => /^[._-]/.test(sample);

/**
 * A version or a whole name that is found in the middle of a tag too. Anything else without `^` may well be meant as "contains"
 * or "ends with": `-rc`, `alpha|beta`, `\d{8}`, `latest$`.
 */
function openStart(regex: string): RuleWarningFinding | null {
  const finds = finder(regex);
  const samples = samplesOf(regex);
  const isSuspect = (sample: string) => isVersion(sample) || (isWholeName(sample) && finds(`${sample}-x`));
  const example = surpriseBefore(regex, samples.filter(isSuspect));
  if (example === null) return null;
  const meant = samples.every(isWholeName) ? `^${grouped(regex)}$` : `^${grouped(regex)}`;
  return unanchored(`Found anywhere in a tag, it also matches ${quote(example)}. Write ${quote(meant)}.`, example);
}

/** `^alpha|beta$`: each anchor belongs to the alternative beside it, not to all of them. */
function halfAnchored(regex: string): RuleWarningFinding | null {
  if (!/^\^[^|]*\|.*\$$/s.test(regex) || regex.endsWith('\\$')) return null;
  const finds = finder(regex);
  const samples = samplesOf(regex).filter((sample) => !isSuffix(sample));
  const isOpenEnded = samples.some((sample) => finds(`${sample}-x`) && !finds(`x-${sample}`));
  const example = surpriseBefore(
    regex,
    samples.filter((sample) => !finds(`${sample}-x`)),
  );
  if (!isOpenEnded || example === null) return null;
  const meant = `^(?:${regex.slice(1, -1)})$`;
  const message = `"^" and "$" belong to the first and the last alternative only: it also matches ${quote(example)}. Write ${quote(meant)}.`;
  return unanchored(message, example);
}

/** `^v1.2`, which `v1.20` begins with as well. A last number of two digits, or 0, is hardly ever followed by a third. */
function openVersion(regex: string): RuleWarningFinding | null {
  if (!/^(?:\^|\\A)(?:[vV]\d|\d+\\?\.)(?:\d|\\?\.)*$/.test(regex) || !/(?:^|[^\d])[1-9]$/.test(regex)) return null;
  const example = samplesOf(regex)
    .map((sample) => `${sample}0`)
    .find((tag) => isTagName(tag) && finder(regex)(tag) && !finder(`${regex}$`)(tag));
  if (example === undefined) return null;
  const message =
    `Found at the beginning of longer tags too, it also matches ${quote(example)}. Write ${quote(`${regex}$`)} for that ` +
    `tag alone, or ${quote(`${regex}(?:\\D|$)`)} for all of that version.`;
  return unanchored(message, example);
}

/** `^v` or `release-`, matched whole: no tag is called so, but many begin so. */
function prefixOnly(regex: string): RuleWarningFinding | null {
  const [, prefix] = /^(?:\^|\\A)?([vV]|[A-Za-z0-9](?:[A-Za-z0-9_-]|\\\.|\\-)*(?:[_-]|\\\.|\\-))$/.exec(regex) ?? [];
  if (prefix === undefined) return null;
  const tag = prefix.replaceAll('\\', '');
  const message = `With anchoring full this matches the tag ${quote(tag)} alone. Write ${quote(`${prefix}.*`)} for every tag that begins so.`;
  return { code: 'prefixOnly', message, example: tag };
}

/** A tag in which the regex is found, but not at the beginning: what comes before a sample makes the likeliest surprise first. */
function surpriseBefore(regex: string, samples: readonly string[]): string | null {
  const finds = finder(regex);
  const findsAtStart = finder(`^(?:${regex})`);
  const tags = samples.filter(finds).flatMap((sample) => prefixesOf(sample).map((prefix) => prefix + sample));
  return tags.find((tag) => isTagName(tag) && finds(tag) && !findsAtStart(tag)) ?? null;
}

function prefixesOf(sample: string): readonly string[] {
  if (sample.startsWith('v')) return ['de', 'not-', 'x'];
  return /^\d/.test(sample) ? ['1', 'not-', 'x'] : ['not-', 'x'];
}

/** Ready to have an anchor put before it: alternatives in a group, an anchor that was there already gone. */
function grouped(regex: string): string {
  const bare = regex.replace(/^\^/, '');
  return bare.includes('|') ? `(?:${bare})` : bare;
}

const unanchored = (message: string, example: string): RuleWarningFinding => ({
  code: 'unanchoredRegex',
  message,
  example,
});

const quote = (text: string): string => JSON.stringify(text);
