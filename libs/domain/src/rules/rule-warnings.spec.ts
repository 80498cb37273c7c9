import { describe, expect, it } from '@jest/globals';
import type { RuleDefinition } from './rule.js';
import { warningsOf } from './rule-warnings.js';

const RELEASES: RuleDefinition = {
  name: 'releases',
  repositories: { matching: ['acme/**'], excluding: ['acme/sandbox/**'] },
  tags: { matching: ['v*'], excluding: ['*-dev'] },
};

describe('warnings', () => {
  it.each<[Partial<RuleDefinition>, string, string, string]>([
    [{ tags: { matching: ['rc,test'] } }, 'inertPattern', 'tags.matching[0]', '"{rc,test}"'],
    [{ tags: { matching: ['{rc, test}'] } }, 'inertPattern', 'tags.matching[0]', 'Remove the space'],
    [{ tags: { matching: ['v*', ' v*'] } }, 'inertPattern', 'tags.matching[1]', 'Remove the space'],
    [{ tags: { matching: ['[!v]*', '!v'] } }, 'inertPattern', 'tags.matching[1]', '[^v]'],
    [{ tags: { matching: ['acme/v*'] } }, 'inertPattern', 'tags.matching[0]', 'chosen under repositories'],
    [{ tags: { matching: ['.*'] } }, 'inertPattern', 'tags.matching[0]', '"any" is "*"'],
    [{ tags: { all: true, excluding: ['**'] } }, 'excludesEverything', 'tags.excluding[0]', 'covers nothing'],
    [{ repositories: { excluding: ['**'] } }, 'excludesEverything', 'repositories.excluding[0]', 'covers nothing'],
    [{ tags: { regex: ['^v '], anchoring: 'search' } }, 'inertPattern', 'tags.regex[0]', 'No tag has a space'],
    [{ tags: { regex: ['v\\d'], anchoring: 'search' } }, 'unanchoredRegex', 'tags.regex[0]', '"dev1"'],
    [
      { tags: { regex: ['^a'], excludingRegex: ['latest'], anchoring: 'search' } },
      'unanchoredRegex',
      'tags.excludingRegex[0]',
      '"not-latest"',
    ],
    [{ tags: { regex: ['^v'], anchoring: 'full' } }, 'prefixOnly', 'tags.regex[0]', '"v.*"'],
    [{ registries: ['Prod'] }, 'inertPattern', 'registries[0]', '"P"'],
    [{ registries: ['prod', 'x-'] }, 'inertPattern', 'registries[1]', 'No registry name has this form'],
    [{ repositories: { matching: ['host:5000/acme/**'] } }, 'impossibleRepository', 'repositories.matching[0]', '":"'],
    [{ repositories: { excluding: ['acme/x/'] } }, 'impossibleRepository', 'repositories.excluding[0]', '"acme/x/**"'],
    [
      { repositories: { matching: ['b', 'a/b'], excluding: ['a/**'] } },
      'excludedEntirely',
      'repositories.matching[1]',
      'excluded by "a/**"',
    ],
    [{ tags: { matching: ['v1-rc', 'v*'], excluding: ['*-rc'] } }, 'excludedEntirely', 'tags.matching[0]', '"*-rc"'],
    [
      { tags: { regex: ['^v', '^x'], excludingRegex: ['^x'], anchoring: 'search' } },
      'excludedEntirely',
      'tags.regex[1]',
      '"^x"',
    ],
  ])('warns of %j: %s', (definition, code, path, message) => {
    const warnings = warningsOf({ ...RELEASES, ...definition });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ code, path, message: expect.stringContaining(message) });
  });

  it.each<Partial<RuleDefinition>>([
    {},
    { tags: { all: true } },
    { tags: { matching: ['*'] } },
    { tags: { matching: ['**', 'v*'] } },
    { tags: { regex: ['v'], anchoring: 'search' } },
    { tags: { regex: ['^v\\d+'], anchoring: 'search' } },
    { tags: { matching: ['{rc,test}', 'v[^a]?'] } },
    { tags: { matching: ['sha256-*'], excluding: ['*.att'] } },
    { tags: { matching: ['{malformed'], excluding: ['[b-a]'] } },
    { repositories: { matching: ['[b-a]'], excluding: ['{'] } },
    { tags: { regex: ['('], excludingRegex: ['*'], anchoring: 'search' } },
  ])('is silent about %j', (definition) => {
    expect(warningsOf({ ...RELEASES, ...definition })).toEqual([]);
  });

  it('gives the example apart from the sentence', () => {
    const [warning] = warningsOf({ ...RELEASES, tags: { regex: ['v\\d'], anchoring: 'search' } });
    expect(warning).toEqual({
      code: 'unanchoredRegex',
      path: 'tags.regex[0]',
      pattern: 'v\\d',
      example: 'dev1',
      message: 'Found anywhere in a tag, it also matches "dev1". Write "^v\\\\d".',
    });
  });
});
