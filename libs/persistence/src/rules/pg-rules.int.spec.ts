import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { Log } from '#application';
import { addMs, compileRule, instantOf, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { createTestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgWaiverKeeping } from '../waivers/pg-waiver-keeping.js';
import { PgRules } from './pg-rules.js';
import { reviseFileRules } from './rule-revisions.js';

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url });
  dataSource = await createDataSource({ url: database.url, poolSize: 2, role: 'tagwarden_app' }).initialize();
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const revise = (name: string) =>
  reviseFileRules(dataSource, [compileRule({ name, tags: { all: true } })], instantOf(Date.now()));

async function grantWaiver(): Promise<void> {
  const at = instantOf(Date.now());
  const nobody = { approvedBy: null, approvedAt: null, revokedBy: null, revokedAt: null };
  const times = { createdAt: at, startsAt: at, expiresAt: addMs(at, 60_000), liveFrom: at };
  await new PgWaiverKeeping(dataSource).add(
    {
      id: crypto.randomUUID(),
      definition: { tags: { all: true } },
      reason: 'because',
      createdBy: 'lisa',
      needsApproval: false,
      ...times,
      ...nobody,
    },
    { type: 'waiverCreated', by: 'lisa', at },
  );
}

test('A changed waiver leaves the history of the rules the one it was; a changed rule makes another', async () => {
  const rules = new PgRules(dataSource, silent);
  await revise('first');
  const before = await rules.upToDate();
  await grantWaiver();
  const permitted = await rules.upToDate();
  expect(permitted.waivers.of(ref)).toHaveLength(1);
  expect(permitted.history).toBe(before.history);
  await revise('second');
  const revised = await rules.upToDate();
  expect(revised.history).not.toBe(before.history);
  expect(revised.history.coverageOf(ref).at(-1)?.protection?.rule.name).toBe('second');
  expect(revised.waivers.of(ref)).toHaveLength(1);
});

test('Sparing a repository takes it out of rules that were read before', async () => {
  const rules = new PgRules(dataSource, silent);
  const { history } = await rules.upToDate();
  expect(history.coverageOf(ref).at(-1)?.protection).not.toBeNull();
  rules.spare(() => ref.repository);
  expect((await rules.upToDate()).history.coverageOf(ref).at(-1)?.protection).toBeNull();
});
