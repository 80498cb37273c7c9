import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { recordEvents } from '#application';
import {
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  RuleHistory,
  type TagHint,
} from '#domain';
import { createTestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRecordStore } from '../record/pg-record-store.js';
import { PgObservationQueue } from './pg-observation-queue.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dataSource: DataSource;
let queue: PgObservationQueue;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url });
  dataSource = await createDataSource({ url: database.url, poolSize: 4, role: 'tagwarden_app' }).initialize();
  queue = new PgObservationQueue(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const at = instantOf(Date.now());
const hintBy = (actor: string): TagHint => ({
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
  actor,
  occurredAt: at,
  receivedAt: at,
  source: 'spec',
  sourceId: actor,
  claims: {},
});
const record = (...hints: TagHint[]) =>
  new PgRecordStore(dataSource).transaction('spec', (transaction) =>
    recordEvents(
      transaction,
      { events: [], hints, refolds: [], rejected: [] },
      { rules: new RuleHistory([]), waivers: NO_WAIVERS, settleMs: 0, now: at },
    ),
  );
const claim = () => queue.claim([{ registry: 'local', slots: 10 }], 60_000);

test('A hint has its tag looked at twice; several of one tag are one', async () => {
  await record(hintBy('one'), hintBy('two'), hintBy('two'));
  const [first, ...others] = await claim();
  expect(others).toEqual([]);
  expect(first).toMatchObject({ tag: 'v1', attempts: 1, seen: null, hint: { actor: 'two', source: 'spec' } });
  await queue.lookAgain(first!, 'absent', 0);
  const [second] = await claim();
  expect(second).toMatchObject({ seen: 'absent', hint: { actor: 'two' } });
  await queue.finish(second!);
  expect(await claim()).toEqual([]);
});

test('A hint that comes while its tag is looked at is not lost with that look', async () => {
  await record(hintBy('one'));
  const [looking] = await claim();
  await record(hintBy('two'));
  await queue.finish(looking!);
  const [again] = await claim();
  expect(again).toMatchObject({ hint: { actor: 'two' }, seen: null });
  await queue.finish(again!);
  expect(await claim()).toEqual([]);
});
