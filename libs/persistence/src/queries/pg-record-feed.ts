import type { DataSource } from 'typeorm';
import { type FeedItem, type FeedListener, type Log, RecordFeed } from '#application';
import { messageOf } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import type { PgListener } from '../pg-listener.js';
import { CHANNELS } from '../record/channels.js';
import type { EventRow } from '../record/event-rows.js';
import { eventOfRow } from './pg-event-queries.js';
import { PgViolationQueries } from './pg-violation-queries.js';

/** Ledger entries and violations read in one go. An entry holds a recorder's batch. */
const ENTRIES_AT_ONCE = 20;
const VIOLATIONS_AT_ONCE = 100;
/** More than this waiting, and the feed says that it has missed something rather than hold it. */
const MAX_WAITING = 2_000;

const LOAD_EVENTS = `
SELECT e.* FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS wanted (chain, seq, index)
JOIN ledger l ON l.chain = wanted.chain AND l.seq = wanted.seq
CROSS JOIN LATERAL unnest(l.event_ids) AS ids (id) JOIN event e ON e.id = ids.id
ORDER BY wanted.index, e.occurred_at, e.id`;

type Entry = { readonly chain: string; readonly seq: string };

/** Reads what notifications point at, once for all who watch, and only while somebody does. */
export class PgRecordFeed extends RecordFeed {
  private readonly listeners = new Set<FeedListener>();
  private readonly violations: PgViolationQueries;
  private entries: Entry[] = [];
  private violationIds = new Set<string>();
  private isReading = false;

  constructor(
    private readonly dataSource: DataSource,
    listener: PgListener,
    private readonly log: Log,
  ) {
    super();
    this.violations = new PgViolationQueries(dataSource);
    // From the beginning, so that who watches misses nothing while it would still be starting.
    listener.on(CHANNELS.recorded, (payload) => this.noteEntry(payload));
    listener.on(CHANNELS.violation, (payload) => this.noteViolation(payload));
  }

  override watch(listener: FeedListener): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  private noteEntry(payload: string): void {
    if (this.listeners.size === 0) return;
    const space = payload.lastIndexOf(' ');
    if (space !== -1) this.entries.push({ chain: payload.slice(0, space), seq: payload.slice(space + 1) });
    this.wake(space !== -1);
  }

  private noteViolation(payload: string): void {
    if (this.listeners.size === 0) return;
    if (payload !== '') this.violationIds.add(payload);
    this.wake(payload !== '');
  }

  /** A notification without a payload: the listener has connected anew, and what was notified meanwhile is lost. */
  private wake(isWhole: boolean): void {
    if (!isWhole || this.entries.length + this.violationIds.size > MAX_WAITING) this.miss();
    else if (!this.isReading) void this.read();
  }

  private async read(): Promise<void> {
    this.isReading = true;
    try {
      while (this.entries.length > 0 || this.violationIds.size > 0)
        for (const item of await this.nextItems()) this.tell(item);
    } catch (error) {
      this.log.warn(
        `The live stream cannot read what was recorded: ${messageOf(error)} Its clients are sent away to connect again.`,
      );
      this.miss();
    } finally {
      this.isReading = false;
    }
  }

  private async nextItems(): Promise<FeedItem[]> {
    const entries = this.entries.splice(0, ENTRIES_AT_ONCE);
    const ids = [...this.violationIds].slice(0, VIOLATIONS_AT_ONCE);
    for (const id of ids) this.violationIds.delete(id);
    const events = entries.length > 0 ? await this.loadEvents(entries) : [];
    const violations = ids.length > 0 ? await this.violations.findAll(ids) : [];
    return [
      ...events.map((row): FeedItem => ({ type: 'recorded', event: eventOfRow(row) })),
      ...violations.map((violation): FeedItem => ({ type: 'violation', violation })),
    ];
  }

  private loadEvents(entries: readonly Entry[]): Promise<EventRow[]> {
    const columns = [entries.map(({ chain }) => chain), entries.map(({ seq }) => seq)];
    return withDatabase(() => this.dataSource.query(LOAD_EVENTS, columns));
  }

  private tell(item: FeedItem): void {
    for (const listener of [...this.listeners]) listener.onItem(item);
  }

  private miss(): void {
    this.forget();
    for (const listener of [...this.listeners]) listener.onGap();
  }

  private forget(): void {
    this.entries = [];
    this.violationIds = new Set();
  }
}
