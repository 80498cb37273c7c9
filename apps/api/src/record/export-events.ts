import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';
import type { Response } from 'express';
import type { EventQueries } from '#application';
import type { EventsFilter, EventView } from '#contracts';

export const EXPORT_TYPES = ['text/csv', 'application/x-ndjson'] as const;
export type ExportType = (typeof EXPORT_TYPES)[number];

const EVENTS_AT_ONCE = 1_000;

/** The columns of the CSV, in order. */
const COLUMNS: readonly (keyof EventView)[] = [
  'id',
  'type',
  'registry',
  'repository',
  'tag',
  'digest',
  'mediaType',
  'actor',
  'occurredAt',
  'receivedAt',
  'source',
  'sourceId',
  'claims',
  'detail',
];

/**
 * Streams every event that matches, newest first, never holding more than a page of them. Rejects when the database fails in the
 * middle: then the answer has broken off. A client that hangs up is no failure.
 */
export async function exportEvents(
  queries: EventQueries,
  filter: EventsFilter,
  type: ExportType,
  response: Response,
): Promise<void> {
  // Before the headers are sent: what fails at once can still be answered as a problem.
  const first = await queries.next(filter, undefined, EVENTS_AT_ONCE);
  response.setHeader('Content-Type', type === 'text/csv' ? 'text/csv; charset=utf-8; header=present' : type);
  if (type === 'text/csv') response.setHeader('Content-Disposition', 'attachment; filename="tagwarden-events.csv"');
  try {
    await pipeline(Readable.from(all(queries, filter, first)), type === 'text/csv' ? toCsv() : toLines(), response);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}

async function* all(queries: EventQueries, filter: EventsFilter, first: EventView[]): AsyncGenerator<EventView> {
  for (let page = first; ; ) {
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < EVENTS_AT_ONCE) return;
    // The cursor is what the database gave: an instant and a UUID.
    const cursor = [last.occurredAt, last.id] as Parameters<EventQueries['next']>[1];
    page = await queries.next(filter, cursor, EVENTS_AT_ONCE);
  }
}

/** A tag or an actor may begin with "=": a spreadsheet would run it. */
const toCsv = () =>
  stringify({
    header: true,
    columns: COLUMNS.map((key) => ({ key })),
    escape_formulas: true,
    cast: { object: (value) => JSON.stringify(value) },
  });

const toLines = () =>
  new Transform({
    writableObjectMode: true,
    transform: (event, _encoding, done) => done(null, `${JSON.stringify(event)}\n`),
  });
