import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { type KeptManifest, recordEvents, replayRule, tagSelectionOf, type WindowPage } from '#application';
import type { CaughtView } from '#contracts';
import {
  addMs,
  compileRule,
  type Digest,
  deriveId,
  formatTagRef,
  NO_WAIVERS,
  parseDigest,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  protectionBy,
  type ReplayWindow,
  type RuleDefinition,
  RuleHistory,
  replayTag,
  replayWindow,
  type TagRef,
  type TimelineEvent,
} from '#domain';
import { AFTER_ALL, createTestDatabase, history, INDEXES, SETTLE_MS } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRecordStore } from '../record/pg-record-store.js';
import { PgReplayableRecord } from './pg-replayable-record.js';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let dataSource: DataSource;
let store: PgRecordStore;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url });
  dataSource = await createDataSource({ url: database.url, poolSize: 4, role: 'tagwarden_app' }).initialize();
  store = new PgRecordStore(dataSource);
  const manifests = [...INDEXES].map(([digest, children]) => ({
    ...{ digest, children, mediaType: 'index', bytes: Buffer.from('{}'), blobs: [] },
  }));
  await store.transaction('seed', (transaction) => transaction.keepManifests(manifests as unknown as KeptManifest[]));
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const START = parseInstant('2026-08-20T09:00:00Z');
const EVERYTHING = { from: parseInstant('2026-08-01T00:00:00Z'), to: AFTER_ALL };

async function record(events: readonly TimelineEvent[]): Promise<void> {
  const options = { rules: new RuleHistory([]), waivers: NO_WAIVERS, settleMs: SETTLE_MS, now: AFTER_ALL };
  await store.transaction('spec', (transaction) =>
    recordEvents(transaction, { events, refolds: [], rejected: [] }, options),
  );
}

async function pagesOf(
  definition: RuleDefinition,
  window: ReplayWindow = EVERYTHING,
  reading = new PgReplayableRecord(dataSource),
  after: WindowPage['end'] = null,
): Promise<WindowPage[]> {
  const pages: WindowPage[] = [];
  for await (const page of reading.walk(tagSelectionOf(definition), window, after)) pages.push(page);
  return pages;
}

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';

function pushOf(registry: string, repository: string, tag: string, seconds = 0): TimelineEvent {
  const sourceId = `${registry}/${repository}:${tag} ${seconds}`;
  const at = addMs(START, seconds * 1_000);
  return {
    type: 'pushed',
    id: deriveId('event', sourceId),
    registry: parseRegistryName(registry),
    repository: parseRepositoryName(repository),
    tag: parseTagName(tag),
    digest: parseDigest(`sha256:${seconds.toString(16).padStart(64, '0')}`),
    mediaType: IMAGE,
    actor: 'ci',
    occurredAt: at,
    receivedAt: at,
    source: 'test',
    sourceId,
    claims: {},
  };
}

describe('The windows of recorded tags', () => {
  test('lead to what the whole timelines lead to', async () => {
    const within = (min: number, max: number) =>
      fc.integer({ min, max }).map((seconds) => addMs(START, seconds * 1_000));
    const start = fc.oneof({ weight: 3, arbitrary: within(-1, 5) }, { weight: 1, arbitrary: within(5, 17) });
    const end = fc.oneof({ weight: 3, arbitrary: fc.constant(AFTER_ALL) }, { weight: 1, arbitrary: within(0, 17) });
    const protect = fc.constantFrom<RuleDefinition['protect'][]>(undefined, undefined, ['overwrite'], ['deletion']);
    let run = 0;
    let found = 0;
    await fc.assert(
      fc.asyncProperty(history, start, end, protect, async (events, from, to, kinds) => {
        run += 1;
        const registry = parseRegistryName(`run-${run}`);
        await record(events.map((event) => ({ ...event, registry, id: deriveId(registry, event.id) })));
        const definition = { name: 'previewed', registries: [registry], tags: { all: true as const }, protect: kinds };
        const rule = compileRule(definition);
        const contextOf = (ref: TagRef) => ({
          ref,
          protection: protectionBy(rule, ref),
          window: { from, to },
          waivers: [],
          settleMs: SETTLE_MS,
          childrenOf: (digest: Digest) => INDEXES.get(digest) ?? null,
        });

        const small = new PgReplayableRecord(dataSource, { events: 3, tags: 1 });
        const pages = await pagesOf(definition, { from, to }, small);
        const actual = pages.flatMap(({ windows, children }) =>
          windows.flatMap(({ ref, binding, events: since }) => {
            const context = { ...contextOf(ref), childrenOf: (digest: Digest) => children.get(digest) ?? null };
            return replayWindow(binding, since, context);
          }),
        );

        const refs = (await dataSource.query('SELECT registry, repository, tag FROM tag WHERE registry = $1', [
          registry,
        ])) as TagRef[];
        const timelines = await store.transaction('spec', (transaction) => transaction.loadTimelines(refs));
        const expected = refs.flatMap((ref) => replayTag(timelines.get(formatTagRef(ref)) ?? [], contextOf(ref)));
        found += expected.length;
        const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
        expect([...actual].sort(byId)).toEqual([...expected].sort(byId));
      }),
      { numRuns: 150, endOnFailure: true },
    );
    expect(found).toBeGreaterThan(20);
  }, 120_000);
});

describe('The replay of a rule', () => {
  test.each([
    { tags: 500, events: 1_000_000 },
    { tags: 1_000_000, events: 600 },
    { tags: 1_000_000, events: 1_000_000 },
  ])('stops after %j, and what each call caught adds up', async (limits) => {
    const registry = `replayed-${limits.tags}-${limits.events}`;
    const pushes = Array.from({ length: 1_200 }, (_, index) => `v${index}`).flatMap((tag) => [
      pushOf(registry, 'team/app', tag, 0),
      pushOf(registry, 'team/app', tag, 1),
    ]);
    await record(pushes);
    const definition = { name: 'all', registries: [registry], tags: { all: true as const } };
    const calls: CaughtView[] = [];
    for (let after: WindowPage['end'] = null; calls.at(-1)?.complete !== true; ) {
      const caught = await replayRule(
        new PgReplayableRecord(dataSource, { events: 100, tags: 1 }),
        {
          ...{ rule: compileRule(definition), selection: tagSelectionOf(definition), waivers: NO_WAIVERS },
          ...{ settleMs: SETTLE_MS, window: EVERYTHING, after },
        },
        limits,
      );
      calls.push(caught);
      after = caught.nextCursor && JSON.parse(Buffer.from(caught.nextCursor, 'base64url').toString());
    }
    const total = (of: 'violations' | 'coveredTags') => calls.reduce((sum, caught) => sum + caught[of], 0);
    expect({ violations: total('violations'), coveredTags: total('coveredTags') }).toEqual({
      violations: 1_200,
      coveredTags: 1_200,
    });
    expect(calls.length > 1).toBe(limits.tags < 1_200 || limits.events < 2_400);
    expect(calls.at(-1)?.nextCursor).toBeNull();
  });
});

describe('The walk over recorded tags', () => {
  beforeAll(async () => {
    const many = Array.from({ length: 1_100 }, (_, index) => pushOf('walked', 'team/big', `v${index}`, index));
    const others = ['a/first', 'team/small', 'z/last'].map((repository) => pushOf('walked', repository, 'v1'));
    await record([...many, ...others]);
  });

  const covering = (matching: string[], tags = ['v*']) => ({
    ...{ name: 'walk', registries: ['walked'], repositories: { matching }, tags: { matching: tags } },
  });

  test('finds every covered tag once, and jumps over repositories that are out of reach', async () => {
    const pages = await pagesOf(covering(['a/*', 'z/*']));
    expect(pages.flatMap(({ windows }) => windows.map(({ ref }) => ref.repository))).toEqual(['a/first', 'z/last']);
    const examined = pages.reduce((sum, page) => sum + page.examined, 0);
    expect(examined).toBeLessThan(600);
    expect(pages.at(-1)?.end).toBeNull();
  });

  test.each([1, 7, 1_000_000])('comes in pages of at most %d events, each to be gone on from', async (events) => {
    const reading = new PgReplayableRecord(dataSource, { events, tags: 1_000 });
    const tags = ['v1', 'v2*', 'v3??'];
    const pages = await pagesOf(covering(['**'], tags), EVERYTHING, reading);
    for (const { windows } of pages) expect(windows.length).toBeLessThanOrEqual(events);
    const names = (some: readonly WindowPage[]) =>
      some.flatMap(({ windows }) => windows.map(({ ref }) => formatTagRef(ref)));
    expect(new Set(names(pages)).size).toBe(1 + 111 + 100 + 3);
    expect(names(pages)).toHaveLength(215);
    const middle = Math.floor(pages.length / 2);
    const rest = await pagesOf(covering(['**'], tags), EVERYTHING, reading, pages[middle - 1]?.end ?? null);
    expect(names(rest)).toEqual(names(pages.slice(middle)));
  });

  test('reads no further than it must, and says where it stopped', async () => {
    const reading = new PgReplayableRecord(dataSource, { events: 10_000, tags: 500 });
    const selection = tagSelectionOf(covering(['team/*'], ['v999']));
    const first = await reading.listCovered(selection, null, 10);
    expect(first).toEqual({ tags: [], end: ['walked', 'team/big', expect.any(String)] });
    const found: string[] = [];
    let pages = 1;
    for (let { end } = first; end !== null; pages += 1) {
      const page = await reading.listCovered(selection, end, 10);
      found.push(...page.tags.map(({ tag }) => tag));
      end = page.end;
    }
    expect(found).toEqual(['v999']);
    expect(pages).toBeLessThan(5);
  });

  test('counts only tags that something befell in the window', async () => {
    const window = { from: addMs(START, 10_000), to: addMs(START, 12_000) };
    const pages = await pagesOf(covering(['team/big']), window);
    expect(pages.flatMap(({ windows }) => windows.map(({ ref }) => ref.tag)).sort()).toEqual(['v10', 'v11']);
    expect(pages.reduce((sum, { covered }) => sum + covered, 0)).toBe(1_100);
  });

  test('names the repositories of a registry', async () => {
    const reading = new PgReplayableRecord(dataSource);
    const registry = parseRegistryName('walked');
    expect(await reading.listRepositories(registry, 100)).toEqual(['a/first', 'team/big', 'team/small', 'z/last']);
    expect(await reading.listRepositories(registry, 2)).toEqual(['a/first', 'team/big']);
    expect(await reading.listRepositories(parseRegistryName('nowhere'), 2)).toEqual([]);
  });
});
