import { randomUUID } from 'node:crypto';
import type { TransactionalQuery } from '#application';
import type { Instant } from '#domain';
import { type EventRow, insertEventRows } from './event-rows.js';
import { appendToLedger, lockLedgerHead } from './ledger.js';

/** Chain of what people and the service itself did. */
const SERVICE_CHAIN = 'service';

/** Something that a person or the service did, for the audit trail: no part of any tag's timeline. */
export type ServiceEvent = {
  readonly type: string;
  readonly registry: string | null;
  readonly repository: string | null;
  readonly tag: string | null;
  readonly digest: string | null;
  readonly actor: string;
  readonly source: 'api' | 'enforcer' | 'configuration';
  readonly at: Instant;
  readonly detail: Readonly<Record<string, unknown>>;
};

/**
 * Appends to the audit trail and its ledger within the caller's transaction. Call it last: it locks the chain's head until that
 * transaction ends.
 */
export async function appendServiceEvents(query: TransactionalQuery, events: readonly ServiceEvent[]): Promise<void> {
  if (events.length === 0) return;
  const head = await lockLedgerHead(query, SERVICE_CHAIN);
  await appendToLedger(query, SERVICE_CHAIN, head, await insertEventRows(query, events.map(rowOf)));
}

function rowOf({ at, ...event }: ServiceEvent): EventRow {
  const id = randomUUID();
  const { registry, repository, tag, digest, actor, type, source, detail } = event;
  const times = { occurred_at: at, received_at: at };
  return {
    id,
    type,
    registry,
    repository,
    tag,
    digest,
    media_type: null,
    actor,
    ...times,
    source,
    source_id: id,
    claims: {},
    detail,
  };
}
