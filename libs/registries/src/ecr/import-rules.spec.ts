import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RuleBody } from '#contracts';
import { importRules } from '../rule-import/import-rules.js';
import { isCovered, patternOf, someTag } from '../rule-import/import-rules-contract.js';

const imported = (settings: unknown, repository?: string) =>
  importRules({ format: 'ecr', registry: 'prod', scope: { repository }, settings });

/** As the CLI prints it. */
const repository = (repositoryName: string, imageTagMutability: string, filters: readonly string[] = []) => ({
  repositoryArn: `arn:aws:ecr:eu-central-1:123456789012:repository/${repositoryName}`,
  registryId: '123456789012',
  repositoryName,
  repositoryUri: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${repositoryName}`,
  imageTagMutability,
  imageTagMutabilityExclusionFilters: filters.map((filter) => ({ filterType: 'WILDCARD', filter })),
});

describe("ECR's settings", () => {
  it.each<[string, readonly string[], string, object]>([
    ['IMMUTABLE', [], 'all tags', { all: true }],
    [
      'IMMUTABLE_WITH_EXCLUSION',
      ['latest', 'dev-*'],
      'all tags but latest dev-*',
      { all: true, excluding: ['latest', 'dev-*'] },
    ],
    ['MUTABLE_WITH_EXCLUSION', ['v*', '*-ga'], 'v* *-ga', { matching: ['v*', '*-ga'] }],
  ])('%s %j', (mode, filters, name, tags) => {
    const { rules, notExpressed, notes } = imported({ repositories: [repository('acme/app', mode, filters)] });
    expect(rules).toEqual([
      {
        name: `ecr acme/app, ${name}`,
        registries: ['prod'],
        repositories: { matching: ['acme/app'] },
        tags,
        protect: ['overwrite'],
      },
    ]);
    expect(notExpressed).toEqual([]);
    expect(notes[0]).toEqual({ path: 'rules', message: expect.stringContaining('lets immutable tags be deleted') });
  });

  it('MUTABLE: no rule, and one note for all such repositories', () => {
    const settings = [repository('a', 'MUTABLE'), repository('b', 'MUTABLE_WITH_EXCLUSION')];
    expect(imported(settings)).toEqual({
      rules: [],
      notExpressed: [],
      notes: [{ path: 'settings', message: 'All tags are mutable, which needs no rule, in: a, b.' }],
    });
  });

  it('that are the same in several repositories are one rule', () => {
    const repositories = ['a', 'b', 'c'].map((name) => repository(name, name === 'b' ? 'MUTABLE' : 'IMMUTABLE'));
    expect(imported({ repositories }).rules).toMatchObject([
      { name: 'ecr 2 repositories, all tags', repositories: { matching: ['a', 'c'] } },
    ]);
  });

  it('that are the same in very many repositories are rules that can be saved', () => {
    const repositories = Array.from({ length: 1201 }, (_, index) => repository(`r${index}`, 'IMMUTABLE'));
    const { rules } = imported({ repositories });
    expect(rules.map(({ name }) => name)).toEqual([
      'ecr 500 repositories, all tags',
      'ecr 500 repositories, all tags (2)',
      'ecr 201 repositories, all tags',
    ]);
    expect(new Set(rules.flatMap((rule) => rule.repositories?.matching ?? [])).size).toBe(1201);
    for (const rule of rules) expect(RuleBody.parse(rule)).toEqual(rule);
  });

  it('may name no repository, as in the request that sets them', () => {
    const settings = { imageTagMutability: 'IMMUTABLE' };
    expect(imported(settings, 'acme/app').rules).toMatchObject([{ repositories: { matching: ['acme/app'] } }]);
    expect(() => imported(settings)).toThrow(/^scope\.repository: It is required\./);
  });

  it('tell that there are more pages', () => {
    expect(imported({ repositories: [], nextToken: 'x' }).notes.map(({ path }) => path)).toEqual([
      'settings.nextToken',
    ]);
  });

  it.each<[string, number]>([
    ['IMMUTABLE_WITH_EXCLUSION', 0],
    ['MUTABLE_WITH_EXCLUSION', 1],
  ])('with a filter of another type, %s: never stricter than ECR', (mode, count) => {
    const { imageTagMutabilityExclusionFilters: filters, ...rest } = repository('app', mode, ['v*']);
    const settings = {
      ...rest,
      imageTagMutabilityExclusionFilters: [...filters, { filterType: 'REGEX', filter: 'x' }],
    };
    const { rules, notExpressed } = imported(settings);
    expect(rules).toHaveLength(count);
    expect(notExpressed.map(({ path }) => path)).toEqual(['settings.imageTagMutabilityExclusionFilters[1]']);
  });

  it('of a mode that is not known make no rule', () => {
    const { rules, notExpressed } = imported([repository('app', 'FROZEN')]);
    expect(rules).toEqual([]);
    expect(notExpressed).toEqual([
      { path: 'settings[0].imageTagMutability', message: expect.stringContaining('FROZEN') },
    ]);
  });

  it.each<[string, unknown, string]>([
    ['no repositories', { repositories: 'none' }, 'settings.repositories: '],
    ['no mutability', { repositories: [{ repositoryName: 'a' }] }, 'settings.repositories[0].imageTagMutability: '],
    ['an odd name', [repository('a b', 'IMMUTABLE')], 'settings[0].repositoryName: '],
    ['a text', '{}', 'settings: '],
  ])('are refused: %s', (_, settings, place) => {
    expect(() => imported(settings)).toThrow(expect.objectContaining({ code: 'RULE_IMPORT_MALFORMED' }));
    expect(() => imported(settings)).toThrow(place);
  });

  it('mean what they mean in ECR', () => {
    const one = fc.record({
      name: fc.constantFrom('a', 'a/b', 'c'),
      mode: fc.constantFrom('MUTABLE', 'IMMUTABLE', 'MUTABLE_WITH_EXCLUSION', 'IMMUTABLE_WITH_EXCLUSION'),
      filters: fc.array(patternOf(['a', 'b', 'v', '1', '.', '-', '*']), { minLength: 1, maxLength: 5 }),
    });
    const some = fc.uniqueArray(one, { selector: ({ name }) => name, minLength: 1 });
    fc.assert(
      fc.property(some, fc.constantFrom('a', 'a/b', 'c'), someTag, (repositories, name, tag) => {
        const settings = {
          repositories: repositories.map(({ name, mode, filters }) => repository(name, mode, filters)),
        };
        const asked = repositories.find((repository) => repository.name === name);
        expect(isCovered(imported(settings), name, tag)).toBe(asked !== undefined && isImmutable(asked, tag));
      }),
      { numRuns: 500 },
    );
  });
});

function isImmutable({ mode, filters }: { mode: string; filters: readonly string[] }, tag: string): boolean {
  const isExcluded = mode.endsWith('_WITH_EXCLUSION') && filters.some((filter) => wildcard(filter, tag));
  return mode.startsWith('IMMUTABLE') !== isExcluded;
}

function wildcard(filter: string, tag: string): boolean {
  if (filter === '') return tag === '';
  if (filter[0] === '*') return wildcard(filter.slice(1), tag) || (tag !== '' && wildcard(filter, tag.slice(1)));
  return filter[0] === tag[0] && wildcard(filter.slice(1), tag.slice(1));
}
