import type { TimelineEvent } from '#domain';
import { withClient } from '../bench-postgres.js';
import { batchesOf, eventsOf, type Mix } from './event-mix.js';

const BATCH_SIZE = 1_000;

const INSERT = `INSERT INTO event
  (id, type, registry, repository, tag, digest, media_type, actor, occurred_at, received_at, source, source_id, claims, detail)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
  $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[])`;

/**
 * The floor of the recorder: the same rows into the same table, by one connection, and nothing else. Only the statements are timed, not
 * the making of what they carry. Answers rows a second.
 */
export function insertBarely(url: string, mix: Mix, count: number): Promise<number> {
  return withClient(url, async (client) => {
    let elapsedMs = 0;
    for (const events of batchesOf(eventsOf(mix, count), BATCH_SIZE)) {
      const values = columnsOf(events);
      const startedAt = performance.now();
      await client.query({ name: 'bare-insert', text: INSERT, values });
      elapsedMs += performance.now() - startedAt;
    }
    return (count / elapsedMs) * 1_000;
  });
}

function columnsOf(events: readonly TimelineEvent[]): unknown[][] {
  const column = (pick: (event: TimelineEvent) => unknown) => events.map(pick);
  return [
    column(({ id }) => id),
    column(({ type }) => type),
    column(({ registry }) => registry),
    column(({ repository }) => repository),
    column((event) => ('tag' in event ? event.tag : null)),
    column((event) => ('digest' in event ? event.digest : null)),
    column((event) => ('mediaType' in event ? event.mediaType : null)),
    column(({ actor }) => actor),
    column(({ occurredAt }) => occurredAt),
    column(({ receivedAt }) => receivedAt),
    column(({ source }) => source),
    column(({ sourceId }) => sourceId),
    column(({ claims }) => JSON.stringify(claims)),
    column(() => null),
  ];
}
