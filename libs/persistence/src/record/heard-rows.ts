import type { TransactionalQuery } from '#application';
import { epochMsOf, type Instant } from '#domain';
import { columnsOf } from './array-literal.js';

/** As exact as it needs to be: each write makes recorders wait for each other. */
const TOLD_EVERY_MS = 60_000;

/** In one order, so that two recorders cannot wait for each other in a circle; and nothing where another has just told. */
const NOTE = `
INSERT INTO registry_heard AS h (registry, last_at)
SELECT registry, last_at FROM unnest($1::text[], $2::timestamptz[]) AS t (registry, last_at) ORDER BY registry
ON CONFLICT (registry) DO UPDATE SET last_at = excluded.last_at
WHERE h.last_at <= excluded.last_at - $3 * interval '1 millisecond'`;

/** When registries were last heard of: what this process has told of it, and what is worth telling. */
export class HeardRows {
  private readonly told = new Map<string, number>();

  /** Those that were heard of a minute or more after what was told last. */
  worthTelling(lastByRegistry: ReadonlyMap<string, Instant>): Map<string, Instant> {
    const isDue = ([registry, at]: [string, Instant]) => {
      const told = this.told.get(registry);
      return told === undefined || epochMsOf(at) - told >= TOLD_EVERY_MS;
    };
    return new Map([...lastByRegistry].filter(isDue));
  }

  /** The transaction that wrote them is committed. */
  wasTold(lastByRegistry: ReadonlyMap<string, Instant>): void {
    for (const [registry, at] of lastByRegistry) this.told.set(registry, epochMsOf(at));
  }
}

export async function writeHeard(
  query: TransactionalQuery,
  lastByRegistry: ReadonlyMap<string, Instant>,
): Promise<void> {
  if (lastByRegistry.size > 0) await query(NOTE, [...columnsOf([...lastByRegistry]), TOLD_EVERY_MS]);
}
