import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type Instant, parseInstant } from '#domain';
import { createTestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRecordStore } from './pg-record-store.js';

const at = (minute: number, second: number): Instant =>
  parseInstant(`2026-08-20T09:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}Z`);

describe('When a registry was last heard of', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let dataSource: DataSource;
  let store: PgRecordStore;
  beforeAll(async () => {
    database = await createTestDatabase({
      template: 'migrated',
      prepare: async (url) => void (await migrate({ url })),
    });
    dataSource = await createDataSource({ url: database.url, poolSize: 4 }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });
  beforeEach(async () => {
    await dataSource.query('DELETE FROM registry_heard');
    store = new PgRecordStore(dataSource);
  });

  const note = (heard: Record<string, Instant>, recorder = store, chain = 'spec') =>
    recorder.transaction(chain, (transaction) => transaction.noteHeard(new Map(Object.entries(heard))));
  const kept = async () =>
    Object.fromEntries(
      (await dataSource.query('SELECT registry, last_at FROM registry_heard')).map(
        ({ registry, last_at }: { registry: string; last_at: Instant }) => [registry, last_at],
      ),
    );

  it('is written once a minute for each registry', async () => {
    await note({ one: at(0, 0), two: at(0, 10) });
    await note({ one: at(0, 59), two: at(1, 10) });
    expect(await kept()).toEqual({ one: at(0, 0), two: at(1, 10) });
    await note({ one: at(1, 0) });
    expect(await kept()).toMatchObject({ one: at(1, 0) });
  });

  it('never goes back, and is not written again where another recorder has just done so', async () => {
    const other = new PgRecordStore(dataSource);
    await note({ one: at(5, 0) });
    await note({ one: at(1, 0) }, other);
    await note({ one: at(5, 30) }, other);
    expect(await kept()).toEqual({ one: at(5, 0) });
  });

  it('is written by the next batch where this one was rolled back', async () => {
    const failing = store.transaction('spec', async (transaction) => {
      await transaction.noteHeard(new Map([['one', at(0, 0)]]));
      throw new Error('The batch has failed.');
    });
    await expect(failing).rejects.toThrow('The batch has failed.');
    expect(await kept()).toEqual({});
    await note({ one: at(0, 0) });
    expect(await kept()).toEqual({ one: at(0, 0) });
  });

  it('makes recorders of the same registries wait, and not for ever', async () => {
    const recorders = [1, 2, 3, 4].map((each) => ({ store: new PgRecordStore(dataSource), chain: `chain ${each}` }));
    const names = ['a', 'b', 'c', 'd'];
    await Promise.all(
      recorders.map((recorder, index) => {
        const order = index % 2 === 0 ? names : names.toReversed();
        return note(Object.fromEntries(order.map((name) => [name, at(index * 2, 0)])), recorder.store, recorder.chain);
      }),
    );
    expect(Object.keys(await kept()).sort()).toEqual(names);
  });
});
