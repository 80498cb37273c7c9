import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { KNOWN_KINDS, REGISTRY_KINDS } from '#registries';
import { ConfigurationError, formatProblem } from './configuration-error.js';
import { loadConfiguration } from './load-configuration.js';

const PAGES = new URL('../../../../docs/registries/', import.meta.url);
const SECTIONS = ['Subscribe', 'Rights', 'What it cannot tell', 'How fast a loss is noticed', 'Restoring'];

const textOf = (page: string) => readFileSync(new URL(page, PAGES), 'utf8');
const pages = readdirSync(PAGES).filter((name) => name.endsWith('.md') && name !== 'README.md');

const blocksOf = (page: string): string[] =>
  [...textOf(page).matchAll(/^```yaml\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    /^registries:/m.test(block) ? [block] : [],
  );

const BLOCKS = ['README.md', ...pages].flatMap((page) =>
  blocksOf(page).map((yaml, index) => ({ name: `${page}, block ${index + 1}`, yaml })),
);

/** Every variable that a block names is set, and every file that it names is there. */
function load(yaml: string) {
  const named = [...yaml.matchAll(/\b\w+Env: *(\w+)/g)].map(([, variable = '']) => [variable, `fake-${variable}`]);
  return loadConfiguration({
    env: { ...Object.fromEntries(named), TAGWARDEN_CONFIG: 'tagwarden.yaml' },
    cwd: '/etc/tagwarden',
    knownKinds: KNOWN_KINDS,
    readFile: (path) => (path === '/etc/tagwarden/tagwarden.yaml' ? yaml : '{"a":"fake file"}'),
  });
}

function problemsOf(yaml: string): string[] {
  try {
    return load(yaml).warnings.map(formatProblem);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems.map(formatProblem);
    throw error;
  }
}

describe('docs/registries', () => {
  it('has a page for each kind', () => {
    expect(pages.toSorted()).toEqual(REGISTRY_KINDS.map((kind) => `${kind}.md`).toSorted());
  });

  it('links each page from its index', () => {
    const linked = [...textOf('README.md').matchAll(/\]\(([a-z]+\.md)\)/g)].map(([, page]) => page);
    expect([...new Set(linked)].toSorted()).toEqual(pages.toSorted());
  });

  it.each(BLOCKS)('$name can be loaded', ({ yaml }) => {
    expect(problemsOf(yaml)).toEqual([]);
  });

  it('notices a block that cannot be loaded', () => {
    const yaml = 'registries: [{ name: a, kind: harbor, url: https://a.example, tokenENV: T }]\n';
    expect(problemsOf(yaml)).toEqual(expect.arrayContaining([expect.stringContaining('tokenENV')]));
  });

  it.each(pages)('%s shows a registry of its own kind', (page) => {
    const kinds = blocksOf(page).flatMap((yaml) => load(yaml).registries.map(({ kind }) => `${kind}.md`));
    expect([...new Set(kinds)]).toEqual([page]);
  });

  it.each(pages)('%s has the sections that every page has, in their order', (page) => {
    const headings = [...textOf(page).matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(SECTIONS);
  });
});
