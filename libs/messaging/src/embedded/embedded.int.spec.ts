import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import type { Log, RecordBatch, SubscriptionOptions } from '#application';
import { createTestDatabase, type TestDatabase } from '#testing';
import { asText, collect, describeBusContract, later, text, until } from '../bus-contract.js';
import { EmbeddedMessageBus } from './embedded-message-bus.js';
import { EMBEDDED_BUS_SCHEMA, EMBEDDED_BUS_SCHEMA_DOWN } from './schema.js';
import { startTcpProxy } from './tcp-proxy.js';
import { trimRecords } from './trim-records.js';

jest.setTimeout(120_000);

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const GRANTS = [
  'GRANT SELECT, INSERT, UPDATE ON bus_topic, bus_partition, bus_record, bus_position TO tagwarden_app',
  'GRANT DELETE ON bus_record TO tagwarden_app',
];

const createBusDatabase = () =>
  createTestDatabase({ template: 'bus', prepare: (url) => run(url, EMBEDDED_BUS_SCHEMA, GRANTS) });

async function run(url: string, ...statements: (readonly string[])[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements.flat()) await client.query(statement);
  await client.end();
}

describeBusContract('embedded', async () => {
  const database = await createBusDatabase();
  const { hostname, port } = new URL(database.appUrl);
  const proxy = await startTcpProxy({ host: hostname, port: Number(port || 5432) });
  const url = new URL(database.appUrl);
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return {
    createBus: (options) => new EmbeddedMessageBus({ connectionString: url.href, ...options }, silent),
    takeAway: () => proxy.close(),
    bringBack: () => proxy.open(),
    stop: async () => {
      await proxy.close();
      await database.drop();
    },
  };
});

describe('the embedded bus and its database', () => {
  const topic = 'events';
  const subscription: SubscriptionOptions = { topic, group: 'g', batchSize: 10, from: 'earliest' };
  const buses: EmbeddedMessageBus[] = [];
  let database: TestDatabase;
  let pool: pg.Pool;

  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()));
    await pool.end();
    await database.drop();
  });

  async function start(partitions = 1): Promise<EmbeddedMessageBus> {
    database = await createBusDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    pool.on('error', () => {});
    await pool.query('CREATE TABLE effect (value text)');
    const bus = another();
    await bus.ensureTopics([
      { name: topic, partitions, retentionMs: 1000 },
      { name: 'dead', partitions: 1, retentionMs: 1000 },
    ]);
    return bus;
  }
  function another(): EmbeddedMessageBus {
    const bus = new EmbeddedMessageBus({ connectionString: database.appUrl, deadLetterTopic: 'dead' }, silent);
    buses.push(bus);
    return bus;
  }
  const effects = async () =>
    (await pool.query('SELECT value FROM effect ORDER BY value')).rows.map(({ value }) => value);
  const position = async () =>
    (await pool.query(`SELECT next_offset FROM bus_position WHERE consumer_group = 'g'`)).rows[0]?.next_offset;

  /** Writes a batch's values and moves the position in one transaction, then does what the test wants before the commit. */
  async function inTransaction(batch: RecordBatch, beforeCommit: () => Promise<void> | void): Promise<void> {
    const client = await pool.connect();
    const query = (sql: string, parameters: unknown[]) => client.query(sql, parameters);
    try {
      await client.query('BEGIN');
      for (const record of batch.records) await client.query('INSERT INTO effect VALUES ($1)', [asText(record)]);
      await batch.commitWithin(query, batch.records.at(-1)!.offset);
      await beforeCommit();
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }

  test('commitWithin rolls back together with the transaction of the handler', async () => {
    const bus = await start();
    await bus.publish(topic, [text('k', '1'), text('k', '2')]);
    let attempts = 0;
    await bus.subscribe(subscription, (batch) =>
      inTransaction(batch, () => {
        attempts += 1;
        if (attempts < 3) throw later();
      }),
    );
    await until(async () => (await position()) === '2');
    expect(await effects()).toEqual(['1', '2']);
    expect(attempts).toBe(3);
  });

  test('a consumer that was overtaken cannot commit, and goes on from where the other one stands', async () => {
    const bus = await start();
    await bus.publish(topic, [text('k', '1'), text('k', '2')]);
    let overtaken = false;
    await bus.subscribe(subscription, async (batch) => {
      // As another process would that took the partition over while this one was not looking.
      if (!overtaken) await pool.query(`UPDATE bus_position SET next_offset = 1 WHERE consumer_group = 'g'`);
      overtaken = true;
      await inTransaction(batch, () => {});
    });
    await until(async () => (await position()) === '2');
    expect(await effects()).toEqual(['2']);
  });

  test('goes on from the database when a transaction has committed although its handler failed', async () => {
    const bus = await start();
    await bus.publish(topic, [text('k', '1')]);
    let failed = false;
    await bus.subscribe(subscription, async (batch) => {
      await inTransaction(batch, () => {});
      if (failed) return;
      failed = true;
      throw new Error('after the commit');
    });
    await until(() => failed);
    await bus.publish(topic, [text('k', '2')]);
    await until(async () => (await position()) === '2');
    expect(await effects()).toEqual(['1', '2']);
    expect((await pool.query(`SELECT FROM bus_record WHERE topic = 'dead'`)).rowCount).toBe(0);
  });

  test('publishWithin publishes when its transaction commits, and not when it does not', async () => {
    const bus = await start();
    const seen = collect();
    await bus.subscribe(subscription, seen.handler);
    const client = await pool.connect();
    const query = (sql: string, parameters: unknown[]) => client.query(sql, parameters);
    for (const [value, end] of [
      ['no', 'ROLLBACK'],
      ['yes', 'COMMIT'],
    ] as const) {
      await client.query('BEGIN');
      await bus.publishWithin(query, topic, [text('k', value)]);
      await client.query(end);
    }
    client.release();
    await until(() => seen.records.length > 0);
    expect(seen.records.map((record) => [record.offset, asText(record)])).toEqual([[0n, 'yes']]);
  });

  test('offsets have no gaps, and concurrent publishers of many partitions do not deadlock', async () => {
    const bus = await start(8);
    const publishers = [bus, another(), another()];
    const burst = (who: number) => Array.from({ length: 50 }, (_, index) => text(`${who}-${index}`, 'x'));
    await Promise.all(
      publishers.flatMap((each, who) => Array.from({ length: 10 }, () => each.publish(topic, burst(who)))),
    );
    const { rows } = await pool.query(
      `SELECT count(*)::int AS count, (max("offset") + 1)::int AS next, p.next_offset::int
         FROM bus_record r JOIN bus_partition p USING (topic, partition) WHERE topic = $1 GROUP BY partition, p.next_offset`,
      [topic],
    );
    for (const row of rows) expect([row.count, row.next]).toEqual([row.next_offset, row.next_offset]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(1500);
  });

  test('loses nothing when the server ends all of its connections', async () => {
    const bus = await start(4);
    const seen = collect();
    await bus.subscribe(subscription, seen.handler);
    const accepted: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 10; index += 1) {
        const value = `${round}:${index}`;
        await bus.publish(topic, [text(`k${index}`, value)]).then(
          () => accepted.push(value),
          () => {},
        );
      }
      await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE application_name LIKE 'tagwarden-bus%' AND datname = current_database()`);
    }
    expect(accepted.length).toBeGreaterThan(0);
    await until(() => accepted.every((value) => seen.records.some((record) => asText(record) === value)));
  });

  test('trims what all groups have consumed and what is old enough, and nothing else', async () => {
    const bus = await start();
    const slow = collect();
    await bus.subscribe(subscription, slow.handler);
    await bus.publish(
      topic,
      Array.from({ length: 2500 }, (_, index) => text('k', String(index))),
    );
    await until(async () => (await position()) === '2500');
    expect(await trimRecords(pool)).toBe(0);
    await pool.query(`INSERT INTO bus_position VALUES ('behind', $1, 0, 2400)`, [topic]);
    await pool.query(`UPDATE bus_record SET published_at = now() - interval '1 hour'`);
    expect(await trimRecords(pool)).toBe(2400);
    await bus.publish(topic, [text('k', 'next')]);
    await until(() => slow.texts('k').includes('next'));
  });

  test('two subscriptions of one process share a group, too', async () => {
    const bus = await start(4);
    const [one, two] = [collect(), collect()];
    const first = await bus.subscribe(subscription, one.handler);
    await bus.subscribe(subscription, two.handler);
    await until(async () => {
      const from = [one.records.length, two.records.length];
      await bus.publish(
        topic,
        Array.from({ length: 20 }, (_, index) => text(`k${index}`, 'x')),
      );
      await sleep(200);
      return one.records.length > from[0]! && two.records.length > from[1]!;
    });
    await first.stop();
    const { rows } = await pool.query('SELECT sum(next_offset)::int AS published FROM bus_partition WHERE topic = $1', [
      topic,
    ]);
    await until(() => one.records.length + two.records.length >= rows[0].published);
    expect(one.records.length + two.records.length).toBe(rows[0].published);
  });

  test('its schema can be taken away again', async () => {
    await start();
    await expect(run(database.url, EMBEDDED_BUS_SCHEMA_DOWN)).resolves.toBeUndefined();
  });
});
