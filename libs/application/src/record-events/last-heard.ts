import type { Instant } from '#domain';
import type { Recordable } from './record-events.js';

/** What these tell, we found or did ourselves: the registry may have been silent. */
const OURSELVES: ReadonlySet<string> = new Set(['api', 'enforcer', 'sweep', 'sweeper']);

/** When the newest notification of each registry was received; one that nobody understood came from the registry too. */
export function lastHeard({ events, hints = [], rejected }: Recordable): Map<string, Instant> {
  const last = new Map<string, Instant>();
  const note = (registry: string, at: Instant) => {
    if (at > (last.get(registry) ?? '')) last.set(registry, at);
  };
  for (const { source, registry, receivedAt } of events) if (!OURSELVES.has(source)) note(registry, receivedAt);
  for (const { registry, receivedAt } of [...hints, ...rejected]) note(registry, receivedAt);
  return last;
}
