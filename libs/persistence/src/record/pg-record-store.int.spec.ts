import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { type KeptManifest, recordEvents } from '#application';
import { deriveId, parseRegistryName, type RuleHistory, type TimelineEvent, type WaiverBook } from '#domain';
import {
  AFTER_ALL,
  arrivalsOf,
  createTestDatabase,
  history,
  INDEXES,
  InMemoryRecord,
  rules,
  SETTLE_MS,
  waivers,
} from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRecordStore } from './pg-record-store.js';
import { verifyLedger } from './verify-ledger.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dataSource: DataSource;
let store: PgRecordStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url });
  dataSource = await createDataSource({ url: database.url, poolSize: 4, role: 'tagwarden_app' }).initialize();
  store = new PgRecordStore(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const nothingElse = { refolds: [], rejected: [] };

/** The same history in a registry of its own, so that runs share a database. */
const inRegistry = (name: string, event: TimelineEvent): TimelineEvent => ({
  ...event,
  registry: parseRegistryName(name),
  id: deriveId(name, event.id),
});

async function expectedOf(events: TimelineEvent[], history: RuleHistory, permitted: WaiverBook) {
  const memory = new InMemoryRecord();
  for (const [digest, children] of INDEXES) memory.manifests.set(digest, children);
  await memory.transaction('x', (transaction) =>
    recordEvents(
      transaction,
      { ...nothingElse, events },
      { rules: history, waivers: permitted, settleMs: SETTLE_MS, now: AFTER_ALL },
    ),
  );
  return [...memory.tags.values()]
    .filter(({ bindings }) => bindings.size > 0)
    .map(({ ref, state, bindings, violations }) => ({
      tag: ref.tag,
      digest: state.binding?.digest ?? null,
      seal: state.seal?.digest ?? null,
      bindings: [...bindings.values()]
        .map(({ bound, digest, unbound, boundUnder, unboundUnder }) => [
          bound.id,
          digest,
          unbound?.id ?? null,
          boundUnder,
          unboundUnder,
        ])
        .sort(),
      violations: [...violations.values()]
        .filter(({ state }) => state !== 'withdrawn')
        .map(({ id, kind, state, end, waiverId }) => [id, kind, state, end?.by ?? null, waiverId])
        .sort(),
    }))
    .sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

async function actualOf(registry: string) {
  const tags = (await dataSource.query(
    'SELECT id, tag, digest, seal_digest FROM tag WHERE registry = $1 ORDER BY tag',
    [registry],
  )) as {
    id: string;
    tag: string;
    digest: string | null;
    seal_digest: string | null;
  }[];
  const all = await Promise.all(
    tags.map(async ({ id, tag, digest, seal_digest }) => {
      const bindings = await dataSource.query(
        'SELECT bound_by, digest, unbound_by, bound_under, unbound_under FROM binding WHERE tag_id = $1',
        [id],
      );
      const violations = await dataSource.query(
        "SELECT id, kind, state, ended_by, waiver_id FROM violation WHERE tag_id = $1 AND state <> 'withdrawn'",
        [id],
      );
      return {
        tag,
        digest,
        seal: seal_digest,
        bindings: bindings.map((row: object) => Object.values(row)).sort(),
        violations: violations.map((row: object) => Object.values(row)).sort(),
      };
    }),
  );
  return all.filter(({ bindings }) => bindings.length > 0);
}

describe('The record in PostgreSQL', () => {
  beforeAll(async () => {
    const manifests = [...INDEXES].map(([digest, children]) => ({
      digest,
      children,
      mediaType: 'index',
      bytes: Buffer.from('{}'),
      blobs: [],
    }));
    await store.transaction('seed', (transaction) => transaction.keepManifests(manifests as unknown as KeptManifest[]));
  });

  test('comes out the same for any permutation, duplication and batching, as in memory', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        history.chain((events) => fc.tuple(fc.constant(events), arrivalsOf(events))),
        rules,
        waivers,
        async ([events, arrivals], ruleHistory, permitted) => {
          run += 1;
          const registry = `run-${run}`;
          for (const batch of arrivals) {
            const mine = batch.map((event) => inRegistry(registry, event));
            await store.transaction(registry, (transaction) =>
              recordEvents(
                transaction,
                { ...nothingElse, events: mine },
                { rules: ruleHistory, waivers: permitted, settleMs: SETTLE_MS, now: AFTER_ALL },
              ),
            );
          }
          expect(await actualOf(registry)).toEqual(
            await expectedOf(
              events.map((event) => inRegistry(registry, event)),
              ruleHistory,
              permitted,
            ),
          );
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);

  test('binds every event into the ledger, and shows where it was tampered with', async () => {
    expect(await verifyLedger(dataSource)).toMatchObject({ intact: true });
    const owner = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
    try {
      await owner.query('ALTER TABLE event DISABLE TRIGGER append_only');
      await owner.query("UPDATE event SET actor = 'mallory' WHERE id = (SELECT id FROM event ORDER BY id LIMIT 1)");
      await owner.query('ALTER TABLE event ENABLE TRIGGER append_only');
    } finally {
      await owner.destroy();
    }
    expect(await verifyLedger(dataSource)).toMatchObject({ intact: false });
  });
});
