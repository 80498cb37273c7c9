import type { DataSource } from 'typeorm';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import { compileWaiver, type Instant, type TagRef, type WaiverDefinition } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { enqueueMessages } from '../record/outbox-rows.js';
import { queryOf } from '../record/pg-record-store.js';

type DueRow = { id: string; definition: WaiverDefinition; live_from: Instant; expires_at: Instant };

/**
 * Has the tags folded anew that stand wrong and that a waiver permits which has gone live since it was last looked. Answers how many.
 * Shared by any number of callers: each waiver is taken once.
 */
export function refoldUnderDueWaivers(dataSource: DataSource): Promise<number> {
  return withDatabase(() =>
    dataSource.transaction(async (manager) => {
      const query = queryOf(manager);
      const due = (await query(
        `SELECT id, definition, live_from, expires_at FROM waiver WHERE live_from <= now() AND applied_at IS NULL
         FOR UPDATE SKIP LOCKED`,
        [],
      )) as DueRow[];
      if (due.length === 0) return 0;
      const waivers = due.map(({ id, definition, live_from, expires_at }) =>
        compileWaiver(definition, { id, from: live_from, until: expires_at }),
      );
      const standing = (await query(
        'SELECT DISTINCT registry, repository, tag FROM violation WHERE ended_at IS NULL',
        [],
      )) as TagRef[];
      const permitted = standing.filter((ref) => waivers.some((waiver) => waiver.covers(ref)));
      await enqueueMessages(
        query,
        permitted.map((ref) => ({
          topic: TOPICS.registryEvents,
          ...encodeRecorderMessage({ kind: 'refold', ...ref }),
        })),
      );
      await query('UPDATE waiver SET applied_at = now() WHERE id = ANY($1::uuid[])', [due.map(({ id }) => id)]);
      return permitted.length;
    }),
  );
}
