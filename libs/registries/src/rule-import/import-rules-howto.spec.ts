import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { compileRule, definitionOf, type RuleDefinition, ruleOf, warningsOf } from '#domain';
import { importRules, type RuleImportRequest } from './import-rules.js';

const HOWTO = readFileSync(new URL('../../../../docs/howto/move-your-rules.md', import.meta.url), 'utf8');
const IDENTITY = { id: 'r', origin: 'file' } as const;

type Row = { readonly section: string; readonly cells: readonly string[]; readonly rule: string | null };

const ROWS: readonly Row[] = HOWTO.split(/^## /m).flatMap((text) => {
  const section = text.slice(0, text.indexOf('\n'));
  return text.split('\n').flatMap((line): Row[] => {
    const cells =
      /^ *\|(.*)\|$/
        .exec(line)?.[1]
        ?.split('|')
        .map((cell) => cell.trim()) ?? [];
    const last = cells.at(-1) ?? '';
    if (last === 'none') return [{ section, cells, rule: null }];
    const rule = /^`(\{ name: .*\})`$/.exec(last)?.[1];
    return rule === undefined ? [] : [{ section, cells, rule }];
  });
});

const full = (rule: RuleDefinition) => definitionOf(ruleOf(rule, IDENTITY));
const codesOf = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]*)`/g)].map(([, code]) => code!);

/** A row's setting as the vendor's API would return it. */
const REQUESTS: Readonly<Record<string, (cells: readonly string[]) => RuleImportRequest>> = {
  Harbor: ([repository, tag]) => {
    const selector = (cell: string | undefined) => {
      const [decoration, pattern] = codesOf(cell);
      return [{ kind: 'doublestar', decoration, pattern }];
    };
    const settings = [{ tag_selectors: selector(tag), scope_selectors: { repository: selector(repository) } }];
    return { format: 'harbor', registry: null, scope: { project: 'library' }, settings };
  },
  'Docker Hub': ([, settings]) => ({
    format: 'dockerhub',
    registry: null,
    scope: { repository: 'acme/app' },
    settings: JSON.parse(codesOf(settings)[0]!),
  }),
  ECR: ([mode, filters]) => ({
    format: 'ecr',
    registry: null,
    settings: {
      repositoryName: 'acme/app',
      imageTagMutability: codesOf(mode)[0],
      imageTagMutabilityExclusionFilters: codesOf(filters).map((filter) => ({ filterType: 'WILDCARD', filter })),
    },
  }),
  Quay: ([place, policy]) => ({
    format: 'quay',
    registry: null,
    scope: { [place!.split(' ')[0]!]: codesOf(place)[0] },
    settings: JSON.parse(codesOf(policy)[0]!),
  }),
};

describe('docs/howto/move-your-rules.md', () => {
  it('has lines for every system', () => {
    const sections = new Set(ROWS.map(({ section }) => section));
    expect([...sections]).toEqual([...Object.keys(REQUESTS), 'Other systems']);
    expect(ROWS.length).toBeGreaterThanOrEqual(24);
  });

  it.each(ROWS.flatMap(({ rule }) => rule ?? []))('has a rule that compiles, and nothing else in it: %s', (text) => {
    const rule = parse(text) as RuleDefinition;
    expect(() => compileRule(rule)).not.toThrow();
    expect(full(rule)).toMatchObject(rule);
    expect(warningsOf(rule)).toEqual([]);
  });

  it.each(ROWS.filter(({ section }) => section in REQUESTS))(
    '$section: $cells is what the import makes of it',
    (row) => {
      const { rules, notExpressed } = importRules(REQUESTS[row.section]!(row.cells));
      const expected = row.rule === null ? [] : [full({ ...(parse(row.rule) as RuleDefinition), name: 'r' })];
      expect(rules.map((rule) => full({ ...rule, name: 'r' }))).toEqual(expected);
      expect(notExpressed).toEqual([]);
    },
  );

  it('shows an example as it is answered', () => {
    const [request, answer] = [...HOWTO.matchAll(/^```json\n(.*?)^```/gms)].map(([, json]) => JSON.parse(json!));
    const { rules, ...remarks } = importRules(request);
    expect({ rules: rules.map(full), ...remarks, saved: [] }).toEqual(answer);
  });
});
