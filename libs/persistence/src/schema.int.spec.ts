import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { createTestDatabase } from '#testing';
import { createDataSource } from './data-source.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/index.js';

describe('The schema', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate({ url: database.url });
    dataSource = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  test('is what the entities describe', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  test('goes back migration by migration, and forward again', async () => {
    for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
    const { applied } = await migrate({ url: database.url });
    expect(applied).toEqual(MIGRATIONS.map(({ name }) => name));
  });

  test('is migrated once by apps that start together', async () => {
    const fresh = await createTestDatabase();
    try {
      const all = await Promise.all([1, 2, 3].map(() => migrate({ url: fresh.url })));
      expect(all.map(({ applied }) => applied.length).sort()).toEqual([0, 0, MIGRATIONS.length]);
    } finally {
      await fresh.drop();
    }
  });

  test.each(['event', 'ledger'])(
    'the audit trail is append-only for the service and for its owner: %s',
    async (table) => {
      await expect(dataSource.query(`DELETE FROM ${table}`)).rejects.toThrow('append-only');
      await expect(dataSource.query(`TRUNCATE ${table}`)).rejects.toThrow('append-only');
      const service = await createDataSource({ url: database.url, poolSize: 1, role: 'tagwarden_app' }).initialize();
      try {
        await expect(service.query(`DELETE FROM ${table}`)).rejects.toThrow('permission denied');
        await expect(
          service.query(`UPDATE ${table} SET ${table === 'event' ? 'type' : 'chain'} = 'x'`),
        ).rejects.toThrow('permission denied');
        await expect(service.query('SELECT count(*) FROM event')).resolves.toHaveLength(1);
      } finally {
        await service.destroy();
      }
    },
  );
});
