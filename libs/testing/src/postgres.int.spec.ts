import { afterAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from './postgres.js';

describe('test databases', () => {
  const made: TestDatabase[] = [];
  let prepared = 0;
  const create = async () => {
    const database = await createTestDatabase({
      template: 'spec',
      prepare: async (url) => {
        prepared++;
        await run(
          url,
          "CREATE TABLE seed AS SELECT 'from the template' AS word; GRANT SELECT ON seed TO tagwarden_app",
        );
      },
    });
    made.push(database);
    return database;
  };
  afterAll(() => Promise.all(made.map((database) => database.drop())));

  it('are clones of a template that is filled once, and do not see each other', async () => {
    const [one, other] = await Promise.all([create(), create()]);
    await run(one.url, 'CREATE TABLE mine (id int)');
    await expect(run(other.url, 'SELECT * FROM mine')).rejects.toThrow(/does not exist/);
    expect(await run(other.appUrl, 'SELECT word FROM seed')).toEqual([{ word: 'from the template' }]);
    await expect(run(other.appUrl, 'DELETE FROM seed')).rejects.toThrow(/permission denied/);
    expect(prepared).toBe(1);
  });

  it('leave no template behind when prepare fails', async () => {
    const failing = createTestDatabase({
      template: 'bad',
      prepare: () => Promise.reject(new Error('no such migration')),
    });
    await expect(failing).rejects.toThrow('no such migration');
    const database = await createTestDatabase({ template: 'bad', prepare: async () => {} });
    await database.drop();
  });

  async function run(url: string, sql: string): Promise<unknown[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  }
});
