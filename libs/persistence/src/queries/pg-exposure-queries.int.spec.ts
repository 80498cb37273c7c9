import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { digestOfBytes } from '#domain';
import { createTestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { APP_ROLE, migrate } from '../migrate.js';
import { exposureOf, PgExposureQueries } from './pg-exposure-queries.js';
import type { Queryable } from './violation-parts.js';

const digestOf = (name: string) => digestOfBytes(Buffer.from(name));
const GOOD = digestOf('good');
const WRONG = digestOf('wrong');
const INDEX = digestOf('an index of wrong');
const VIOLATION = '00000000-0000-8000-8000-000000000001';
const CHANGE = '00000000-0000-8000-8000-0000000000c1';
const T = '2026-08-20T09:00:00Z';
const at = (seconds: number) => new Date(Date.parse(T) + seconds * 1000).toISOString();
const HOUR = 3600;

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let owner: DataSource;
let service: DataSource;

async function open() {
  database = await createTestDatabase({
    template: 'migrated',
    prepare: async (url) => void (await migrate({ url })),
  });
  owner = await createDataSource({ url: database.url, poolSize: 2 }).initialize();
  service = await createDataSource({ url: database.url, poolSize: 2, role: APP_ROLE }).initialize();
}
async function close() {
  await owner.destroy();
  await service.destroy();
  await database.drop();
}

let ids = 0;
const nextId = () => `00000000-0000-8000-9000-${String(++ids).padStart(12, '0')}`;

async function event(type: string, seconds: number, fields: Record<string, unknown> = {}): Promise<void> {
  const { id = nextId(), registry = 'local', repository = 'team/app', tag = 'v1', digest = null } = fields;
  const { actor = 'mallory', source = 'zot', claims = {} } = fields;
  await owner.query(
    `INSERT INTO event (id, type, registry, repository, tag, digest, actor, occurred_at, received_at, source, source_id, claims)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $11, $10)`,
    [id, type, registry, repository, tag, digest, actor, at(seconds), source, JSON.stringify(claims), id],
  );
}

async function tag(name: string, registry = 'local'): Promise<string> {
  const id = nextId();
  await owner.query('INSERT INTO tag (id, registry, repository, tag) VALUES ($1, $2, $3, $4)', [
    id,
    registry,
    'team/app',
    name,
  ]);
  return id;
}

const bind = (tagId: string, digest: string, from: number, to: number | null) =>
  owner.query(
    `INSERT INTO binding (tag_id, bound_at, bound_by, digest, cause, media_type, unbound_at) VALUES ($1, $2, $3, $4, 'pushed', 'type/of-it', $5)`,
    [tagId, at(from), nextId(), digest, to === null ? null : at(to)],
  );

async function violation(tagId: string, fields: Record<string, unknown> = {}): Promise<void> {
  const row = {
    id: VIOLATION,
    tag_id: tagId,
    registry: 'local',
    repository: 'team/app',
    tag: 'v1',
    kind: 'overwrite',
    state: 'detected',
    mode: 'enforce',
    event_id: CHANGE,
    detected_at: T,
    received_at: T,
    actor: 'mallory',
    sealed_digest: GOOD,
    found_digest: WRONG,
    rule_id: 'r',
    rule_name: 'releases',
    awaiting_children: false,
    ...fields,
  };
  const names = Object.keys(row);
  await owner.query(
    `INSERT INTO violation (${names.join(', ')}) VALUES (${names.map((_, i) => `$${i + 1}`).join(', ')})`,
    Object.values(row),
  );
}

const report = async () => {
  const exposure = await new PgExposureQueries(service).find(VIOLATION);
  if (exposure === null) throw new Error('There is no such violation.');
  return exposure;
};

describe('A report of exposure', () => {
  let v1: string;
  beforeEach(async () => {
    await open();
    v1 = await tag('v1');
    await bind(v1, GOOD, -HOUR, 0);
    await bind(v1, WRONG, 0, 60);
  });
  afterEach(close);

  it('is null for a violation that nobody knows', async () => {
    expect(await new PgExposureQueries(service).find(VIOLATION)).toBeNull();
  });

  it.each([
    [
      { restored_at: at(60), ended_at: at(62), state: 'restored' },
      { until: '2026-08-20T09:01:00.000000Z', seconds: 60 },
    ],
    [
      { ended_at: at(61), state: 'selfHealed' },
      { until: '2026-08-20T09:01:01.000000Z', seconds: 61 },
    ],
    [{ state: 'withdrawn' }, { until: '2026-08-20T09:00:00.000000Z', seconds: 0 }],
    [{ state: 'failed' }, { until: null, seconds: expect.any(Number) }],
  ])('tells from when until when: %j', async (fields, window) => {
    await violation(v1, fields);
    expect((await report()).window).toEqual({ from: '2026-08-20T09:00:00.000000Z', ...window });
  });

  it('names the good digest, and the change with what the registry claimed of it', async () => {
    await violation(v1);
    await event('pushed', 0, { id: CHANGE, digest: WRONG, claims: { userAgent: 'docker/27', address: '10.0.0.9' } });
    expect(await report()).toMatchObject({
      knownGood: { digest: GOOD, mediaType: 'type/of-it' },
      change: { id: CHANGE, actor: 'mallory', claims: { userAgent: 'docker/27', address: '10.0.0.9' } },
    });
  });

  it('groups pulls by who made them, most first, Tagwarden left out', async () => {
    await violation(v1, { restored_at: at(60), state: 'restored' });
    const pull = (seconds: number, actor: string | null, userAgent: string, address = '10.0.0.1') =>
      event('pulled', seconds, { digest: WRONG, actor, claims: { userAgent, address } });
    await pull(5, 'node', 'containerd/2');
    await pull(9, 'node', 'containerd/2');
    await pull(7, 'node', 'containerd/2', '10.0.0.2');
    await pull(8, 'node', 'tagwarden/0.1');
    await pull(61, 'late', 'containerd/2');
    await pull(-1, 'early', 'containerd/2');
    const { pulls } = await report();
    expect(pulls).toMatchObject({ count: 3, latest: [{ address: '10.0.0.1' }, { address: '10.0.0.2' }, {}] });
    expect(pulls.pullers).toEqual([
      {
        actor: 'node',
        address: '10.0.0.1',
        userAgent: 'containerd/2',
        count: 2,
        firstAt: '2026-08-20T09:00:05.000000Z',
        lastAt: '2026-08-20T09:00:09.000000Z',
      },
      expect.objectContaining({ address: '10.0.0.2', count: 1 }),
    ]);
  });

  it('finds every tag that carries the digest or an index that lists it, those that still do first', async () => {
    await violation(v1);
    await bind(v1, WRONG, 70, 80);
    await bind(await tag('latest', 'mirror'), WRONG, -500, null);
    await bind(await tag('multi'), INDEX, 3, null);
    await bind(await tag('other'), digestOf('other'), 3, null);
    await owner.query(
      `INSERT INTO manifest (digest, media_type, bytes, children, blobs, kept_at) VALUES ($1, 'index', '', $2, '{}', now())`,
      [INDEX, [digestOf('x'), WRONG]],
    );
    const { carriers, carriersTruncated } = await report();
    expect(carriers.map(({ registry, tag, digest, still, times }) => [registry, tag, digest, still, times])).toEqual([
      ['local', 'multi', INDEX, true, 1],
      ['mirror', 'latest', WRONG, true, 1],
      ['local', 'v1', WRONG, false, 2],
    ]);
    expect(carriers[2]).toMatchObject({
      boundAt: '2026-08-20T09:01:10.000000Z',
      unboundAt: '2026-08-20T09:01:20.000000Z',
    });
    expect(carriersTruncated).toBe(false);
  });

  it('lists what else the actor changed in that registry around the time', async () => {
    await violation(v1, { restored_at: at(HOUR), state: 'restored' });
    await event('pushed', 0, { id: CHANGE, digest: WRONG });
    await event('tagDeleted', 30, { tag: 'a day and less after' });
    await event('pushed', 25 * HOUR, { tag: 'at the last moment' });
    await event('pushed', -24 * HOUR, { tag: 'at the first moment' });
    await event('pushed', 25 * HOUR + 1, { tag: 'too late' });
    await event('pushed', -24 * HOUR - 1, { tag: 'too early' });
    await event('pushed', 40, { tag: 'elsewhere', registry: 'other' });
    await event('pushed', 40, { tag: 'of another', actor: 'alice' });
    await event('pulled', 40, { tag: 'no change', digest: WRONG });
    await event('restoreRequested', 40, { tag: 'by a key of that name', source: 'api' });
    const { otherChanges } = await report();
    expect(otherChanges.events.map(({ tag }) => tag)).toEqual([
      'at the last moment',
      'a day and less after',
      'at the first moment',
    ]);
    expect(otherChanges).toMatchObject({
      actor: 'mallory',
      from: '2026-08-19T09:00:00.000000Z',
      to: '2026-08-21T10:00:00.000000Z',
      countsByType: { pushed: 2, tagDeleted: 1 },
      truncated: false,
    });
  });

  it('looks until now while it stands, and says when there is more than it shows', async () => {
    await violation(v1);
    await owner.query(
      `INSERT INTO event (id, type, registry, repository, tag, actor, occurred_at, received_at, source, source_id, claims)
       SELECT gen_random_uuid(), 'pushed', 'local', 'team/app', 'n' || n, 'mallory', $1::timestamptz + n * interval '1 ms', now(), 'zot', n, '{}'
       FROM generate_series(1, 1001) n`,
      [T],
    );
    const { otherChanges, asOf } = await report();
    expect(otherChanges).toMatchObject({ to: asOf, countsByType: { pushed: 1001 }, truncated: true });
    expect(otherChanges.events).toHaveLength(1_000);
    expect(otherChanges.events[0]?.tag).toBe('n1001');
  });

  it('says nothing of pulls and carriers for a deletion, and nothing of changes where nobody is named', async () => {
    await violation(v1, { kind: 'deletion', found_digest: null, actor: null });
    await event('pushed', 5, { actor: null });
    expect(await report()).toMatchObject({
      pulls: { count: 0, pullers: [], latest: [] },
      carriers: [],
      otherChanges: { actor: null, events: [], countsByType: {}, truncated: false },
    });
  });
});

describe('In a full record', () => {
  beforeAll(async () => {
    await open();
    const v1 = await tag('v1');
    await violation(v1);
    await bind(v1, WRONG, 0, null);
    for (const statement of FILL) await owner.query(statement, statement.includes('$1') ? [T] : []);
    await owner.query(`INSERT INTO manifest SELECT $1, 'index', '', ARRAY[$2], '{}', now()`, [INDEX, WRONG]);
    await owner.query('ANALYZE');
  }, 60_000);
  afterAll(close);

  it('each query finds events and bindings by an index', async () => {
    const asked: [string, unknown[] | undefined][] = [];
    const spy: Queryable = {
      query: (sql: string, values?: unknown[]) => {
        asked.push([sql, values]);
        return service.query(sql, values);
      },
    };
    const exposure = await exposureOf(spy, VIOLATION);
    expect(exposure).toMatchObject({ pulls: { count: 200 }, carriers: { length: 1_000 }, carriersTruncated: true });
    expect(exposure?.otherChanges.events.length).toBeGreaterThan(0);
    const scanned = await Promise.all(asked.map(async ([sql, values]) => scansOf(await planOf(sql, values))));
    expect(scanned.flat().filter((scan) => /^Index.* (event|binding)$/.test(scan)).length).toBeGreaterThan(5);
    expect(scanned.flat().filter((scan) => /^Seq Scan (event|binding|tag)$/.test(scan))).toEqual([]);
  });
});

/** 20,000 events of ten actors over two months, 200 pulls, 20,000 bindings, of which the wrong digest has one in ten. */
const FILL = [
  `INSERT INTO event (id, type, registry, repository, tag, digest, actor, occurred_at, received_at, source, source_id, claims)
   SELECT gen_random_uuid(), 'pushed', 'local', 'team/app' || n % 50, 'v' || n, 'sha256:' || n,
     CASE n % 10 WHEN 0 THEN 'mallory' ELSE 'ci' || n % 10 END,
     $1::timestamptz + (n - 10000) * interval '4 minutes', now(), 'zot', n, '{}' FROM generate_series(1, 20000) n`,
  `INSERT INTO event (id, type, registry, repository, tag, digest, actor, occurred_at, received_at, source, source_id, claims)
   SELECT gen_random_uuid(), 'pulled', 'local', 'team/app', 'v1', '${WRONG}', 'node', $1::timestamptz + n * interval '1 s', now(),
     'zot', n, '{}' FROM generate_series(1, 200) n`,
  `INSERT INTO tag (id, registry, repository, tag)
   SELECT md5('t' || n)::uuid, 'local', 'team/app' || n % 50, 'n' || n FROM generate_series(1, 20000) n`,
  `INSERT INTO binding (tag_id, bound_at, bound_by, digest, cause)
   SELECT md5('t' || n)::uuid, $1::timestamptz, gen_random_uuid(), CASE n % 10 WHEN 0 THEN '${WRONG}' ELSE 'sha256:' || n END,
     'pushed' FROM generate_series(1, 20000) n`,
  `INSERT INTO manifest SELECT 'sha256:' || n, 'index', '', ARRAY['sha256:c' || n], '{}', now() FROM generate_series(1, 5000) n`,
];

type Plan = { 'Node Type': string; 'Relation Name'?: string; 'Index Name'?: string; Plans?: Plan[] };

async function planOf(sql: string, values: unknown[] | undefined): Promise<Plan> {
  const [row] = (await owner.query(`EXPLAIN (FORMAT JSON) ${sql}`, values)) as { 'QUERY PLAN': [{ Plan: Plan }] }[];
  return row!['QUERY PLAN'][0].Plan;
}

/** As `Index Scan event`; a bitmap's index is named after its table. */
function scansOf(plan: Plan): string[] {
  const relation = plan['Relation Name'] ?? plan['Index Name']?.split('_')[0];
  return [...(relation ? [`${plan['Node Type']} ${relation}`] : []), ...(plan.Plans ?? []).flatMap(scansOf)];
}
