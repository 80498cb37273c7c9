import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { Log } from '#application';
import {
  compileRule,
  instantOf,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  protectionOf,
  type TagRef,
} from '#domain';
import { createTestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRules } from './pg-rules.js';
import { reviseFileRules } from './rule-revisions.js';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const refOf = (repository: string): TagRef => ({
  registry: parseRegistryName('local'),
  repository: parseRepositoryName(repository),
  tag: parseTagName('v1'),
});

describe('Spared repositories', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let dataSource: DataSource;
  let rules: PgRules;
  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ url: database.url });
    dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
    const everything = compileRule({ name: 'everything', tags: { all: true } });
    await reviseFileRules(dataSource, [everything], instantOf(Date.now() - 60_000));
    rules = new PgRules(dataSource, silent);
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  /** By the coverage that seals, and by the rules in force that sweeps and explanations ask. */
  const isCovered = async (repository: string) => {
    const { history } = await rules.upToDate();
    const ref = refOf(repository);
    const sealed = history.coverageOf(ref).at(-1)?.protection !== null;
    const swept = protectionOf(history.rulesAt(instantOf(Date.now())), ref) !== null;
    return { sealed, swept };
  };

  test('are covered by no rule from when that is said, whatever was asked before', async () => {
    expect(await isCovered('tagwarden/guard')).toEqual({ sealed: true, swept: true });
    rules.spare(() => parseRepositoryName('tagwarden/guard'));
    expect(await isCovered('tagwarden/guard')).toEqual({ sealed: false, swept: false });
    expect(await isCovered('team/app')).toEqual({ sealed: true, swept: true });
    rules.spare(() => null);
    expect(await isCovered('tagwarden/guard')).toEqual({ sealed: true, swept: true });
  });
});
