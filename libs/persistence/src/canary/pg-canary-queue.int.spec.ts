import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AlertChannel, type DueCanary, type FinishedCanaryRun, planServiceAlerts } from '#application';
import { instantOf, parseRegistryName } from '#domain';
import { createTestDatabase, type TestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgCanaryQueries } from './pg-canary-queries.js';
import { PgCanaryQueue } from './pg-canary-queue.js';

const registry = parseRegistryName('local');
const HOUR = 3_600_000;
const FREE = [{ registry: 'local', slots: 1 }];
const at = instantOf(1_800_000_000_000);
const OK: FinishedCanaryRun = { outcome: 'ok', detectSeconds: 0.2, restoreSeconds: 1.5, sentence: 'All is well.', at };
const FAILED: FinishedCanaryRun = { ...OK, outcome: 'notDetected', detectSeconds: null, restoreSeconds: null };

class Ops extends AlertChannel {
  readonly name = 'ops';
  async send() {
    return { status: 200 };
  }
}
const alerts = planServiceAlerts({ type: 'canaryFailed', registry, sentence: 'It failed.', at }, [
  { channel: new Ops(), on: new Set(['canaryFailed'] as const) },
]);

describe('The canaries in PostgreSQL', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  let queue: PgCanaryQueue;
  beforeAll(async () => {
    database = await createTestDatabase({
      template: 'migrated',
      prepare: async (url) => void (await migrate({ url })),
    });
    dataSource = await createDataSource({ url: database.url, poolSize: 5 }).initialize();
    queue = new PgCanaryQueue(dataSource);
  }, 60_000);
  afterEach(() => dataSource.query('TRUNCATE canary, alert_delivery CASCADE'));
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  const schedule = (everyMs = HOUR) => queue.schedule([{ registry, everyMs }]);
  const claimOne = async (leaseMs = 60_000): Promise<DueCanary> => {
    const [due] = await queue.claim(FREE, leaseMs);
    if (!due) throw new Error('None is due.');
    return due;
  };
  const queuedAlerts = async () =>
    (await dataSource.query('SELECT change FROM alert_delivery')) as { change: string }[];

  it('run at once when they are new, and only where they are configured', async () => {
    await schedule();
    expect(await queue.claim([{ registry: 'other', slots: 1 }], 1_000)).toEqual([]);
    expect(await claimOne()).toEqual({ registry, claims: 1, lastOutcome: null });
  });

  it('go to one sweeper of several that ask at once', async () => {
    await schedule();
    const claims = await Promise.all([1, 2, 3].map(() => queue.claim(FREE, 60_000)));
    expect(claims.flat()).toHaveLength(1);
  });

  it('are kept with their last run, and are due again after their interval', async () => {
    await schedule();
    await queue.finish(await claimOne(), OK, HOUR, []);
    expect(await queue.claim(FREE, 60_000)).toEqual([]);
    expect(await queue.nextDueInMs(['local'])).toBeGreaterThan(HOUR - 60_000);
    expect(await new PgCanaryQueries(dataSource).lastRuns(['local', 'other'])).toEqual(new Map([['local', OK]]));
    await queue.finish((await claimAgain()) as DueCanary, FAILED, HOUR, alerts);
    expect((await new PgCanaryQueries(dataSource).lastRuns(['local'])).get('local')).toEqual(FAILED);
    expect(await queuedAlerts()).toEqual([{ change: 'canaryFailed' }]);
  });

  const claimAgain = async () => {
    await dataSource.query('UPDATE canary SET next_at = now()');
    return claimOne();
  };

  it('know how the last run ended', async () => {
    await schedule();
    await queue.finish(await claimOne(), FAILED, HOUR, []);
    expect((await claimAgain()).lastOutcome).toBe('notDetected');
  });

  it('are taken over from a sweeper that died; should it live after all, it writes and tells nothing', async () => {
    await schedule();
    const first = await claimOne(0);
    const second = await claimOne();
    await queue.finish(first, FAILED, HOUR, alerts);
    await queue.release(first);
    expect(await queuedAlerts()).toEqual([]);
    expect(await queue.claim(FREE, 60_000)).toEqual([]);
    await queue.finish(second, OK, HOUR, []);
    expect((await new PgCanaryQueries(dataSource).lastRuns(['local'])).get('local')?.outcome).toBe('ok');
  });

  it('can be had at once when they are handed back', async () => {
    await schedule();
    await queue.release(await claimOne());
    expect((await claimOne()).claims).toBe(2);
  });

  it('keep their time over a restart, unless the interval is shorter now', async () => {
    await schedule();
    await queue.finish(await claimOne(), OK, HOUR, []);
    await schedule();
    expect(await queue.nextDueInMs(['local'])).toBeGreaterThan(HOUR - 60_000);
    await schedule(60_000);
    expect(await queue.nextDueInMs(['local'])).toBeLessThanOrEqual(60_000);
  });
});
