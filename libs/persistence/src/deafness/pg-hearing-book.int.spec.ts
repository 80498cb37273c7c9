import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AlertChannel, type HearingStanding, planServiceAlerts, type ServiceNotice } from '#application';
import { addMs, instantOf, parseRegistryName } from '#domain';
import { createTestDatabase, type TestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgHearingBook } from './pg-hearing-book.js';
import { PgHearingQueries } from './pg-hearing-queries.js';

const registry = parseRegistryName('local');
const MINUTE = 60_000;
/** Sweeps ended long ago. */
const START = instantOf(1_750_000_000_000);
const minutes = (count: number) => addMs(START, count * MINUTE);

class Ops extends AlertChannel {
  readonly name = 'ops';
  async send() {
    return { status: 200 };
  }
}
const alertsOf = (type: ServiceNotice['type']) =>
  planServiceAlerts({ type, registry, sentence: 'A sentence.', at: minutes(20) }, [
    { channel: new Ops(), on: new Set(['registryDeaf', 'registryHeard'] as const) },
  ]);

describe('Which registries are deaf, in PostgreSQL', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let book: PgHearingBook;
  beforeAll(async () => {
    database = await createTestDatabase({
      template: 'migrated',
      prepare: async (url) => void (await migrate({ url })),
    });
    dataSource = await createDataSource({ url: database.url, poolSize: 5 }).initialize();
    book = new PgHearingBook(dataSource);
  }, 60_000);
  afterEach(() => dataSource.query('TRUNCATE sweep_run, registry_heard, deaf_registry, alert_delivery CASCADE'));
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  const sweep = (
    startedAt: string,
    differences: number,
    overwritten = 0,
    deleted = 0,
    finishedAt: string = startedAt,
  ) =>
    dataSource.query(
      `INSERT INTO sweep_run (id, registry, cause, started_at, listed_at, finished_at, differences, overwritten, deleted)
       VALUES (gen_random_uuid(), 'local', 'schedule', $1, $1, $2, $3, $4, $5)`,
      [startedAt, finishedAt, differences, overwritten, deleted],
    );
  const heard = (at: string) =>
    dataSource.query(
      `INSERT INTO registry_heard VALUES ('local', $1) ON CONFLICT (registry) DO UPDATE SET last_at = excluded.last_at`,
      [at],
    );
  const standing = async (graceMs = 0): Promise<HearingStanding> => {
    const [found] = await book.standings(['local'], graceMs);
    if (!found) throw new Error('unreachable');
    return found;
  };
  const told = async () =>
    ((await dataSource.query('SELECT change FROM alert_delivery ORDER BY id')) as { change: string }[]).map(
      ({ change }) => change,
    );
  const markDeaf = async () =>
    book.markDeaf(await standing(), { since: minutes(0), sentence: 'Deaf.' }, minutes(20), alertsOf('registryDeaf'));

  it('has what sweeps found since the last notification, each with the sweep before it', async () => {
    await sweep(minutes(5), 1, 1);
    await sweep(minutes(10), 0);
    await heard(minutes(7));
    await sweep(minutes(15), 6, 1, 2);
    expect(await standing()).toEqual({
      registry,
      lastHeardAt: minutes(7),
      deaf: null,
      findings: [
        {
          sweep: { startedAt: minutes(15), overwritten: 1, deleted: 2, appeared: 3 },
          previousStartedAt: minutes(10),
        },
      ],
    });
  });

  it('has all of them where it was never heard, and none of the very first sweep before it', async () => {
    await sweep(minutes(5), 1, 1);
    const { lastHeardAt, findings } = await standing();
    expect([lastHeardAt, findings.map(({ previousStartedAt }) => previousStartedAt)]).toEqual([null, [null]]);
  });

  it('leaves sweeps alone that have only just ended', async () => {
    const now = instantOf(Date.now());
    await sweep(addMs(now, -5_000), 1, 1, 0, now);
    expect((await standing(MINUTE)).findings).toEqual([]);
    expect((await standing(-MINUTE)).findings).toHaveLength(1);
  });

  it('marks once, whoever of two comes first, and tells once', async () => {
    expect((await Promise.all([markDeaf(), markDeaf()])).sort()).toEqual([false, true]);
    expect(await told()).toEqual(['registryDeaf']);
    expect(await new PgHearingQueries(dataSource).deaf(['local', 'other'])).toEqual(
      new Map([['local', { since: minutes(0), sentence: 'Deaf.' }]]),
    );
  });

  it('does not mark what was heard since it was looked at', async () => {
    const before = await standing();
    await heard(minutes(19));
    const deafness = { since: minutes(0), sentence: 'Deaf.' };
    expect(await book.markDeaf(before, deafness, minutes(20), alertsOf('registryDeaf'))).toBe(false);
    expect(await told()).toEqual([]);
  });

  it('is heard again by a notification later than the last before it was marked', async () => {
    await heard(minutes(1));
    await markDeaf();
    expect((await standing()).deaf).toEqual({ since: minutes(0), sentence: 'Deaf.', isHeard: false });
    await heard(minutes(30));
    expect((await standing()).deaf?.isHeard).toBe(true);
    const ends = await Promise.all([1, 2].map(() => book.markHeard(registry, minutes(30), alertsOf('registryHeard'))));
    expect(ends.sort()).toEqual([false, true]);
    expect(await told()).toEqual(['registryDeaf', 'registryHeard']);
    expect((await new PgHearingQueries(dataSource).deaf(['local'])).size).toBe(0);
  });

  it('is heard by the first notification of all', async () => {
    await markDeaf();
    expect((await standing()).deaf?.isHeard).toBe(false);
    await heard(minutes(30));
    expect((await standing()).deaf?.isHeard).toBe(true);
  });
});
