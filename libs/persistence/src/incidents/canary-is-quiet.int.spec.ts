import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { recordEvents } from '#application';
import { TOPICS, ViolationChanged } from '#contracts';
import {
  addMs,
  canaryRule,
  canaryTag,
  compileRule,
  type Digest,
  deriveId,
  digestOfBytes,
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  RuleHistory,
  type TagRef,
  type TimelineEvent,
} from '#domain';
import { createTestDatabase, type TestDatabase } from '#testing';
import { createDataSource } from '../data-source.js';
import { migrate } from '../migrate.js';
import { PgRecordStore } from '../record/pg-record-store.js';

const local = parseRegistryName('local');
const CANARY = canaryTag(local, parseRepositoryName('tagwarden/canary'));
const REAL: TagRef = { registry: local, repository: parseRepositoryName('team/app'), tag: parseTagName('v1') };
const rules = new RuleHistory([
  {
    effectiveFrom: null,
    rules: [canaryRule(local, CANARY.repository), compileRule({ name: 'everything', tags: { all: true } })],
  },
]);
const digest = (name: string) => digestOfBytes(Buffer.from(name));
const START = instantOf(1_750_000_000_000);

/** As a registry tells it: everybody is the same nobody, and here both tags get the same digest. */
const pushed = (ref: TagRef, found: Digest, seconds: number): TimelineEvent =>
  ({
    type: 'pushed',
    id: deriveId('spec', ref.repository, String(seconds)),
    ...ref,
    digest: found,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    actor: null,
    occurredAt: addMs(START, seconds * 1_000),
    receivedAt: addMs(START, seconds * 1_000),
    source: 'spec',
    sourceId: String(seconds),
    claims: {},
  }) as TimelineEvent;

describe('A canary that is overwritten', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await createTestDatabase({
      template: 'migrated',
      prepare: async (url) => void (await migrate({ url })),
    });
    dataSource = await createDataSource({ url: database.url, poolSize: 5 }).initialize();
  }, 60_000);
  afterAll(async () => {
    await dataSource?.destroy();
    await database?.drop();
  });

  const record = (...events: TimelineEvent[]) =>
    new PgRecordStore(dataSource).transaction('spec', (transaction) =>
      recordEvents(
        transaction,
        { events, refolds: [], rejected: [] },
        { rules, waivers: NO_WAIVERS, settleMs: 0, now: addMs(START, 60_000) },
      ),
    );
  const announced = async () => {
    const rows = (await dataSource.query('SELECT value FROM outbox WHERE topic = $1 ORDER BY id', [
      TOPICS.violations,
    ])) as { value: Buffer }[];
    return rows.map(({ value }) => ViolationChanged.parse(JSON.parse(value.toString())));
  };

  it('is announced quietly, and neither opens an incident nor joins or widens that of a real violation', async () => {
    await record(pushed(CANARY, digest('one'), 0), pushed(REAL, digest('one'), 1));
    await record(pushed(CANARY, digest('other'), 10));
    expect(await dataSource.query('SELECT id FROM incident')).toEqual([]);
    await record(pushed(REAL, digest('other'), 11));
    await record(pushed(CANARY, digest('another'), 12));

    const changes = await announced();
    expect(changes.map(({ quiet, data }) => [data.repository, quiet, data.incident === null])).toEqual([
      ['tagwarden/canary', true, true],
      ['team/app', false, false],
      ['tagwarden/canary', true, true],
    ]);
    expect(await dataSource.query('SELECT members, is_mixed FROM incident')).toEqual([{ members: 1, is_mixed: false }]);
    const violations = await dataSource.query('SELECT repository, rule_name FROM violation ORDER BY detected_at');
    expect(violations[0]).toEqual({ repository: 'tagwarden/canary', rule_name: 'canary of local' });
  });
});
