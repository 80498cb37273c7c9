import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { RegistryAdapter, Sender } from './adapter.js';
import {
  type Delivery,
  NO_DOCUMENTS,
  outlineOf,
  parse,
  RECEIVED_AT,
  readRecorded,
  toldBy,
} from './adapter-contract.js';
import { REGISTRY_ADAPTERS } from './catalog.js';
import { EXPECTED } from './sender-proofs.fixture.js';
import { assertSummarised, findKinds, findRows, type Row } from './summary-table.fixture.js';

const TABLE = await Promise.all(findKinds().map(async (kind) => ({ kind, rows: await findRows(kind) })));
const ROWS = TABLE.flatMap(({ rows }) => rows);

const folderOf = ({ kind }: RegistryAdapter): URL => new URL(`./${kind}/`, import.meta.url);
const read = ({ adapter }: Row, fixture: string): Delivery[] => readRecorded(folderOf(adapter).href, fixture);
const tellings = (row: Row, fixture: string) =>
  read(row, fixture).flatMap((delivery) => toldBy(parse(row.adapter, delivery, RECEIVED_AT, row.options)));

// Digest on push × deletions × actor × sender × id.
describe.each(ROWS)('$source', (row) => {
  const { adapter, push, deletions, actor, proof, id, options } = row;
  const [pushed, ...onPush] = push;
  const capable = adapter.capabilities;

  it(`tells of a push: ${onPush.join(', ')}`, () => {
    expect(outlineOf(adapter, read(row, pushed), options)).toMatchObject({ told: onPush, rejected: [] });
    expect(capable.digestOnPush).toBe(onPush.some((told) => told.startsWith('pushed')));
  });

  for (const [fixture, ...told] of deletions) {
    it(`tells of a deletion: ${fixture}, ${told.join(', ') || 'to be seen by people'}`, () => {
      const outline = outlineOf(adapter, read(row, fixture), options);
      expect(outline.told).toEqual(told);
      expect(outline.rejected).toHaveLength(told.length === 0 ? read(row, fixture).length : 0);
    });
  }

  it(`${capable.tagDeletions ? 'names' : 'never names'} a deleted tag`, () => {
    const files = readdirSync(new URL('fixtures/', folderOf(adapter))).map((file) => file.replace(/\.json$/, ''));
    const types = files.flatMap((file) => tellings(row, file)).map((told) => ('type' in told ? told.type : 'hint'));
    expect(types.includes('tagDeleted')).toBe(capable.tagDeletions);
    expect(types.some((type) => type.endsWith('Deleted'))).toBe(deletions.length > 0);
  });

  if (deletions.length === 0) {
    it.each(['delete', 'deleted', 'DELETED'])('makes no deletion of its push for the word %p', (action) => {
      const [{ headers, body }] = read(row, pushed) as [Delivery];
      const { events } = parse(adapter, { headers, body: { ...(body as object), action } }, RECEIVED_AT, options);
      expect(events.filter(({ type }) => type.endsWith('Deleted'))).toEqual([]);
    });
  }

  it(`knows who did it: ${actor[1] ?? 'nobody'}`, () => {
    const [fixture, name, claims = {}] = actor;
    expect(tellings(row, fixture)[0]).toMatchObject({ actor: name, claims });
  });

  it(`is believed by ${proof.by}, and by nothing else`, async () => {
    const [delivery] = read(row, pushed) as [Delivery];
    const none = { headers: {}, query: {}, body: Buffer.alloc(0), secrets: {}, receivedAt: RECEIVED_AT };
    const judge = async (known: string, change = (sender: Partial<Sender>) => sender) => {
      const { sender, documents = NO_DOCUMENTS } = await proof.show(delivery, known);
      return adapter.authenticateSender({ ...none, ...change(sender) }, documents);
    };
    const strip = proof.strip ?? ((sender) => ({ ...sender, headers: {}, query: {} }));
    expect(await judge(EXPECTED)).toBe('ok');
    expect(await judge(`${EXPECTED}0`)).toBe('refused');
    expect(await judge(EXPECTED, strip)).toBe('refused');
  });

  it(`has ${id === null ? 'no id, and is known by a hash' : `the id ${id}`}`, () => {
    const ids = new Set(tellings(row, pushed).map(({ sourceId }) => sourceId));
    expect([...ids]).toEqual([id ?? expect.stringMatching(/^sha256-[0-9a-f]{64}$/)]);
  });
});

it.each(TABLE)('has rows for $kind, from its own folder', ({ kind, rows }) => {
  expect(() => assertSummarised(kind, rows)).not.toThrow();
});

it.each([
  ['without a row', [], 'write libs/registries/src/new/summary.fixture.ts, and export ROWS'],
  ['with a row of another kind', ROWS.slice(0, 1), "move it to that kind's own folder"],
])('says what to do about a kind %s', (_, rows, advice) => {
  expect(() => assertSummarised('new', rows)).toThrow(advice);
});

it('has a row for every kind', () => {
  expect(new Set(ROWS.map(({ adapter }) => adapter))).toEqual(new Set(REGISTRY_ADAPTERS));
});
