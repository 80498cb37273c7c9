import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '#testing';
import { arrayLiteral } from './array-literal.js';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

test('Any texts come out of PostgreSQL as they went in', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).map((value) => value.replaceAll('\u0000', '').toWellFormed()),
    fc.constantFrom('', 'NULL', 'null', '{}', '{', '}', ',', '"', '\\', '\\"', ' ', 'a,b', '\n'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text)), async (values) => {
      const { rows } = await client.query('SELECT $1::text[] AS back', [arrayLiteral(values)]);
      expect(rows[0].back).toEqual(values);
    }),
    { numRuns: 300 },
  );
});
