import { comparePositions, type EventId, formatTagRef, type TagRef, type TimelineEvent } from '#domain';
import type { RepositoryWideEvent } from '../ports/record-store.js';

/** A tag, and the events that it has not been folded with yet. */
export type TouchedTag = { readonly ref: TagRef; readonly events: TimelineEvent[] };

/** Collects by tag what a batch brings. Repository-wide events reach the tags that they may change. */
export class TouchedTags {
  private readonly byKey = new Map<string, TouchedTag>();

  addOwn(events: readonly TimelineEvent[]): void {
    for (const event of events) {
      if ('tag' in event && event.tag !== null) this.touch({ ...event, tag: event.tag }).events.push(event);
    }
  }

  /** Without an event: something else that the fold depends on has changed. */
  touch({ registry, repository, tag }: TagRef): TouchedTag {
    const ref = { registry, repository, tag };
    const key = formatTagRef(ref);
    const known = this.byKey.get(key);
    if (known) return known;
    const touched = { ref, events: [] };
    this.byKey.set(key, touched);
    return touched;
  }

  /** A tag with events of its own must also see what later befell its whole repository, were it recorded earlier or not. */
  addRepositoryWide(events: readonly RepositoryWideEvent[]): void {
    const byRepository = new Map<string, RepositoryWideEvent[]>();
    for (const event of events) {
      const key = `${event.registry}/${event.repository}`;
      byRepository.set(key, [...(byRepository.get(key) ?? []), event]);
    }
    for (const { ref, events: own } of this.byKey.values()) {
      const first = own.reduce<TimelineEvent | null>(
        (a, b) => (a === null || comparePositions(b, a) < 0 ? b : a),
        null,
      );
      const wide = byRepository.get(`${ref.registry}/${ref.repository}`) ?? [];
      if (first !== null) own.push(...wide.filter((event) => comparePositions(event, first) > 0));
    }
  }

  /** In timeline order, without doubles. */
  entries(): TouchedTag[] {
    return [...this.byKey.values()].map(({ ref, events }) => ({ ref, events: inOrder(events) }));
  }

  get size(): number {
    return this.byKey.size;
  }
}

export function inOrder<T extends TimelineEvent>(events: readonly T[]): T[] {
  const seen = new Set<EventId>();
  return events.filter((event) => !seen.has(event.id) && seen.add(event.id)).sort(comparePositions);
}
