import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { type CurrentRules, type DueTag, recordEvents, restoreViolation, type Verdict } from '#application';
import {
  addMs,
  compileRule,
  compileWaiver,
  type Digest,
  deriveId,
  digestOfBytes,
  type Instant,
  NO_WAIVERS,
  parseInstant,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  RuleHistory,
  type TagRef,
  type TimelineEvent,
  VIOLATION_STATE_EVENTS,
  VIOLATION_STATES,
  WaiverBook,
} from '#domain';
import {
  AFTER_ALL,
  arrivalsOf,
  createTestDatabase,
  history,
  rules,
  SETTLE_MS,
  type TestDatabase,
  waivers,
} from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgViolationHandling } from '../queries/pg-violation-handling.js';
import { PgRecordStore } from '../record/pg-record-store.js';
import { verifyLedger } from '../record/verify-ledger.js';
import { PgEnforcementQueue } from './pg-enforcement-queue.js';

const START = parseInstant('2026-08-20T09:00:00Z');
const [A, B] = ['a', 'b'].map((name) => digestOfBytes(Buffer.from(name))) as [Digest, Digest];
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const ENFORCED = new RuleHistory([{ effectiveFrom: null, rules: [compileRule({ name: 'all', tags: { all: true } })] }]);
const AUDITED = new RuleHistory([
  { effectiveFrom: null, rules: [compileRule({ name: 'all', tags: { all: true }, mode: 'audit' })] },
]);

let database: TestDatabase;
let dataSource: DataSource;
let store: PgRecordStore;
let queue: PgEnforcementQueue;

beforeAll(async () => {
  database = await createTestDatabase();
  await migrate({ url: database.url });
  dataSource = await createDataSource({ url: database.url, poolSize: 4, role: 'tagwarden_app' }).initialize();
  store = new PgRecordStore(dataSource);
  queue = new PgEnforcementQueue(dataSource);
});
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

type Step = { type: string; from: string | null; to: string; version: number };

/** Each violation's life as the audit trail alone tells it, and the state that it is in. */
async function livesIn(registry: string): Promise<Map<string, { steps: Step[]; state: string }>> {
  const rows = (await dataSource.query(
    `SELECT v.id, v.state, e.type, e.detail FROM violation v LEFT JOIN event e
       ON e.registry = v.registry AND e.detail->>'violationId' = v.id::text AND e.detail ? 'to'
     WHERE v.registry = $1 ORDER BY v.id, (e.detail->>'version')::int`,
    [registry],
  )) as { id: string; state: string; type: string; detail: Omit<Step, 'type'> }[];
  const lives = new Map<string, { steps: Step[]; state: string }>();
  for (const { id, state, type, detail } of rows) {
    const life = lives.get(id) ?? { steps: [], state };
    life.steps.push({ type, from: detail?.from, to: detail?.to, version: detail?.version });
    lives.set(id, life);
  }
  return lives;
}

/** Without a gap: each step begins where the one before ended, and the last ends where the violation is. */
function expectWhole({ steps, state }: { steps: Step[]; state: string }): void {
  expect(steps[0]?.from).toBeNull();
  for (const [index, { type, from, to }] of steps.entries()) {
    expect(type).toBe(VIOLATION_STATE_EVENTS[to as keyof typeof VIOLATION_STATE_EVENTS]);
    if (index > 0) expect(from).toBe(steps[index - 1]?.to);
  }
  expect(steps.at(-1)?.to).toBe(state);
}

let registries = 0;

/** One tag in a registry of its own, sealed at A, then overwritten with B. */
class Story {
  readonly registry = parseRegistryName(`story-${++registries}`);
  readonly ref: TagRef = {
    registry: this.registry,
    repository: parseRepositoryName('team/app'),
    tag: parseTagName('v1'),
  };
  private ruling = { rules: ENFORCED, waivers: NO_WAIVERS };
  private seconds = 0;

  static async begin(ruling: Partial<Story['ruling']> = {}): Promise<Story> {
    const story = new Story();
    story.ruling = { ...story.ruling, ...ruling };
    await story.tell({ type: 'pushed', digest: A });
    await story.tell({ type: 'pushed', digest: B });
    return story;
  }

  get now(): Instant {
    return addMs(START, this.seconds * 1_000);
  }

  async tell(what: Partial<TimelineEvent>, seconds = ++this.seconds): Promise<void> {
    const at = addMs(START, seconds * 1_000);
    const event = {
      ...{ id: deriveId(this.registry, String(this.seconds), String(seconds)), ...this.ref, mediaType: IMAGE },
      ...{ actor: 'mallory', occurredAt: at, receivedAt: at, source: 'test', sourceId: 's', claims: {}, ...what },
    } as TimelineEvent;
    await this.record([event], []);
  }

  async refold(ruling: Partial<Story['ruling']>): Promise<void> {
    this.ruling = { ...this.ruling, ...ruling };
    await this.record([], [this.ref]);
  }

  private async record(events: TimelineEvent[], refolds: TagRef[]): Promise<void> {
    await store.transaction(this.registry, (transaction) =>
      recordEvents(
        transaction,
        { events, refolds, rejected: [] },
        { ...this.ruling, settleMs: 0, now: addMs(this.now, 500) },
      ),
    );
  }

  async claim(): Promise<DueTag> {
    await dataSource.query('UPDATE enforcement SET next_at = now() WHERE registry = $1', [this.registry]);
    const [tag] = await queue.claim([{ registry: this.registry, slots: 1 }], 60_000, 600_000);
    if (!tag) throw new Error('Nothing is due.');
    return tag;
  }

  async attempt(verdict: Partial<Verdict> & { type: Verdict['type'] }): Promise<void> {
    const tag = await this.claim();
    await queue.begin(tag.violations, this.now);
    const report = {
      ...{ startedAt: this.now, endedAt: addMs(this.now, 100), missingBlobs: [] },
      ...(verdict.type === 'right'
        ? { outcome: 'restored', restoredAt: addMs(this.now, 50), reason: null }
        : { outcome: 'failed', restoredAt: null, reason: 'It is broken.' }),
    };
    const rest = { sealedDigest: A, mediaType: IMAGE, delayMs: 0, giveUp: false, fight: null };
    await queue.conclude(tag, tag.violations, { report, ...rest, ...verdict } as Verdict);
  }

  async restoreByHand(): Promise<void> {
    const latest = { history: this.ruling.rules, waivers: this.ruling.waivers };
    const current = { latest: () => latest, upToDate: async () => latest } as CurrentRules;
    const [{ id }] = await dataSource.query('SELECT id FROM violation WHERE registry = $1', [this.registry]);
    await restoreViolation(new PgViolationHandling(dataSource, current), id, 'ada', this.now, 'needed now');
  }

  async life(): Promise<string[]> {
    const [life] = (await livesIn(this.registry)).values();
    if (!life) throw new Error('There is no violation.');
    expectWhole(life);
    return life.steps.map(({ to }) => to);
  }
}

describe('The audit trail alone tells every life of a violation', () => {
  const seen = new Set<string>();
  const freed = new RuleHistory([
    { effectiveFrom: null, rules: [compileRule({ name: 'all', tags: { all: true } })] },
    { effectiveFrom: addMs(START, 2_500), rules: [] },
  ]);
  const waiver = new WaiverBook([
    compileWaiver(
      { tags: { all: true } },
      { id: deriveId('w'), from: addMs(START, 2_200), until: addMs(START, 9_000) },
    ),
  ]);
  const accept = (story: Story) =>
    story.tell({ type: 'sealAccepted', digest: B, violationId: 'v', reason: 'it is right' } as Partial<TimelineEvent>);

  test.each<[string, string[], () => Promise<Story>]>([
    [
      'restored',
      ['detected', 'restoring', 'restored'],
      async () => {
        const story = await Story.begin();
        await story.attempt({ type: 'right' });
        return story;
      },
    ],
    [
      'right already',
      ['detected', 'restoring', 'selfHealed'],
      async () => {
        const story = await Story.begin();
        const at = story.now;
        const report = { startedAt: at, endedAt: at, restoredAt: null, reason: null, missingBlobs: [] };
        await story.attempt({ type: 'right', report: { ...report, outcome: 'alreadyRight' } });
        return story;
      },
    ],
    [
      'failed for a while, given up, restored',
      ['detected', 'restoring', 'failed', 'restored'],
      async () => {
        const story = await Story.begin();
        await story.attempt({ type: 'retry' });
        await story.attempt({ type: 'retry', giveUp: true });
        await story.attempt({ type: 'retry', giveUp: true });
        await story.attempt({ type: 'right' });
        return story;
      },
    ],
    [
      'failed for good, then accepted',
      ['detected', 'restoring', 'failed', 'accepted'],
      async () => {
        const story = await Story.begin();
        await story.attempt({ type: 'failed' });
        await accept(story);
        return story;
      },
    ],
    [
      'audited, then restored by hand',
      ['audited', 'restored'],
      async () => {
        const story = await Story.begin({ rules: AUDITED });
        await story.restoreByHand();
        await story.attempt({ type: 'right' });
        return story;
      },
    ],
    [
      'audited, then accepted',
      ['audited', 'accepted'],
      async () => {
        const story = await Story.begin({ rules: AUDITED });
        await accept(story);
        return story;
      },
    ],
    [
      'audited in the middle of it, since the rule was edited',
      ['detected', 'restoring', 'audited'],
      async () => {
        const story = await Story.begin();
        const tag = await story.claim();
        await queue.begin(tag.violations, story.now);
        await queue.standDown(tag, tag.violations, 'The rule only audits now.', story.now);
        return story;
      },
    ],
    [
      'freed by a rule',
      ['detected', 'withdrawn'],
      async () => {
        const story = await Story.begin();
        await story.refold({ rules: freed });
        return story;
      },
    ],
    [
      'permitted by a waiver while it was restored',
      ['detected', 'restoring', 'waived'],
      async () => {
        const story = await Story.begin();
        const tag = await story.claim();
        await queue.begin(tag.violations, story.now);
        await story.refold({ waivers: waiver });
        return story;
      },
    ],
    [
      'withdrawn by a late event, and there again by a later one',
      ['detected', 'withdrawn', 'detected'],
      async () => {
        const story = await Story.begin();
        // Before the seal: now B is what was sealed.
        await story.tell({ type: 'pushed', digest: B }, 0.5);
        await story.tell({ type: 'pushed', digest: A }, 0.25);
        return story;
      },
    ],
  ])('%s', async (_, states, tell) => {
    const story = await tell();
    expect(await story.life()).toEqual(states);
    for (const state of states) seen.add(state);
  });

  test('every state among them', () => expect([...seen].sort()).toEqual([...VIOLATION_STATES].sort()));

  test('what a violation is about, and why it failed', async () => {
    const story = await Story.begin();
    await story.attempt({ type: 'failed' });
    const events = await dataSource.query(
      `SELECT type, digest, actor, source, detail FROM event WHERE registry = $1 AND detail ? 'to'
       ORDER BY (detail->>'version')::int`,
      [story.registry],
    );
    expect(events).toMatchObject([
      { type: 'violationDetected', digest: A, source: 'recorder', detail: { kind: 'overwrite', foundDigest: B } },
      { type: 'restorationStarted', actor: 'tagwarden', source: 'enforcer' },
      { type: 'restorationFailed', detail: { reason: 'It is broken.' } },
    ]);
  });

  test('for random histories, rules, waivers and arrivals; and it is whole', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        history.chain((events) => arrivalsOf(events)),
        rules,
        waivers,
        async (arrivals, ruleHistory, book) => {
          run += 1;
          const registry = parseRegistryName(`run-${run}`);
          for (const batch of arrivals) {
            const events = batch.map((event) => ({ ...event, registry, id: deriveId(registry, event.id) }));
            await store.transaction(registry, (transaction) =>
              recordEvents(
                transaction,
                { events, refolds: [], rejected: [] },
                { rules: ruleHistory, waivers: book, settleMs: SETTLE_MS, now: AFTER_ALL },
              ),
            );
          }
          for (const life of (await livesIn(registry)).values()) expectWhole(life);
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
    expect(await verifyLedger(dataSource)).toMatchObject({ intact: true });
    const [{ kept }] = await dataSource.query(
      "SELECT count(*)::int AS kept FROM event WHERE registry LIKE 'run-%' AND detail ? 'to'",
    );
    expect(kept).toBeGreaterThan(0);
  }, 120_000);

  test('writes a change once, however often its batch comes', async () => {
    const story = await Story.begin();
    const count = async () =>
      (await dataSource.query('SELECT FROM event WHERE registry = $1', [story.registry])).length;
    const before = await count();
    await story.refold({});
    await story.refold({});
    expect(await count()).toBe(before);
  });
});
