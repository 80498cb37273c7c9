import { parseDoublestar } from './doublestar-syntax.js';
import { literalsIn, noneHasThisForm, strangeCharacter, unlessMalformed } from './inert-pattern.js';
import { canMatchName, REPOSITORY_GRAMMAR } from './name-grammar.js';
import type { RuleWarningFinding } from './rule-warning.js';

/** Finds why a repository pattern can match no repository, or not those that were meant. Malformed patterns are passed over. */
export function suspectRepository(pattern: string): RuleWarningFinding | null {
  return unlessMalformed(() => {
    const strange = strangeCharacter(pattern, REPOSITORY_GRAMMAR);
    if (canMatchName(pattern, REPOSITORY_GRAMMAR)) return strange ?? registryHost(pattern) ?? upperCase(pattern);
    const reason = reasonWhyImpossible(pattern);
    if (reason === null && strange !== null) return strange;
    return { code: 'impossibleRepository', message: reason ?? noneHasThisForm(REPOSITORY_GRAMMAR) };
  });
}

/** The commonest reasons, each with what to write instead; null: another one. Only for patterns that match nothing. */
function reasonWhyImpossible(pattern: string): string | null {
  const { host, path, tag, digest } = partsOf(pattern);
  if (digest !== undefined) return `No repository has "@" in it, so this never matches. ${wanted(path)}`;
  if (host !== '') {
    return `No repository has ":" in it, so this never matches. ${wanted(path)} Registries are chosen under registries.`;
  }
  if (tag !== undefined) {
    return `No repository has ":" in it, so this never matches. ${wanted(path)} Tags are chosen under tags.`;
  }
  return reasonInPath(pattern);
}

function reasonInPath(pattern: string): string | null {
  const tidy = pattern.replace(/\/+/g, '/').replace(/^\//, '').replace(/\/$/, '');
  if (pattern.startsWith('/')) return `No repository begins with "/", so this never matches. ${wanted(tidy)}`;
  if (pattern.endsWith('/')) {
    return `No repository ends with "/", so this never matches. ${wanted(`${tidy}/**`)} That is everything below it.`;
  }
  if (pattern.includes('//')) return `No repository has "//" in it, so this never matches. ${wanted(tidy)}`;
  const odd = pattern.split('/').find((component) => /^[._-]|[._-]$/.test(component));
  if (odd === undefined) return null;
  return `No part of a repository begins or ends with ".", "_" or "-", as ${JSON.stringify(odd)} does, so this never matches.`;
}

const wanted = (pattern: string): string => (pattern === '' ? '' : `Write ${JSON.stringify(pattern)}.`);

type Parts = { readonly host: string; readonly path: string; readonly tag?: string; readonly digest?: string };

/** An image reference's parts, as far as the pattern looks like one: `https://host:5000/team/app:v1@sha256:…`. */
function partsOf(pattern: string): Parts {
  const address = pattern.replace(/^[a-z]+:\/\//, '');
  const [, first = '', behind = ''] = /^([^/]*)\/(.+)$/s.exec(address) ?? [];
  const isHost = first.includes(':') || (behind !== '' && address !== pattern);
  const [name = '', digest] = (isHost ? behind : address).split('@', 2);
  const [path = '', tag] = name.split(':', 2);
  return {
    host: isHost ? first : '',
    path,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
  };
}

/** By the custom of image references: a first part with a dot, or `localhost`, is a host if more parts follow. */
function registryHost(pattern: string): RuleWarningFinding | null {
  const [, first = '', rest = ''] = /^([A-Za-z0-9.-]+)\/(.+)$/s.exec(pattern) ?? [];
  if (first !== 'localhost' && !first.includes('.')) return null;
  const message =
    `${JSON.stringify(first)} looks like a registry's host, and repositories are matched without it. ` +
    `Write ${JSON.stringify(rest)}, unless the repository's own path begins so.`;
  return { code: 'registryHost', message };
}

function upperCase(pattern: string): RuleWarningFinding | null {
  if (!literalsIn(parseDoublestar(pattern)).some((char) => /[A-Z]/.test(char))) return null;
  const message =
    'Patterns mind case, and most registries have lower-case repositories only. ' +
    `Write ${JSON.stringify(pattern.toLowerCase())}, unless this registry has upper-case ones.`;
  return { code: 'upperCaseRepository', message };
}
