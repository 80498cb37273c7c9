import type { DataSource, EntityManager } from 'typeorm';
import {
  type KeptManifest,
  type NewViolation,
  RecordStore,
  RecordTransaction,
  type RejectedPayload,
  type RepositoryWideEvent,
  type TagOutcome,
  type TransactionalQuery,
} from '#application';
import {
  type Digest,
  type EventId,
  formatTagRef,
  type Incident,
  type Instant,
  type KeptViolation,
  type Pulled,
  type RepositoryRef,
  reconcileViolations,
  type TagHint,
  type TagRef,
  type TagState,
  type TimelineEvent,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queueGuards, sealsToGuard } from '../guard/queue-guards.js';
import { assignIncidents } from '../incidents/assign-incidents.js';
import { incidentOpened } from '../incidents/incident-opened.js';
import { keepManifestRows } from '../vault/manifest-rows.js';
import {
  type EventRow,
  insertEventRows,
  loadRepositoryWideEvents,
  loadTimelineEvents,
  rowOfEvent,
} from './event-rows.js';
import { HeardRows, writeHeard } from './heard-rows.js';
import { appendToLedger, type LedgerHead, lockLedgerHead } from './ledger.js';
import { keepExposingPulls } from './pull-rows.js';
import { keepRejected } from './rejected-rows.js';
import { findTagsConcerned, loadTagStates, saveBindings, saveTagStates, tagIdOf } from './tag-rows.js';
import { recordedChange, type StateChange } from './violation-events.js';
import { announceAll, loadViolations, saveViolations, type TagViolation } from './violation-rows.js';
import { queueEnforcement, queueHints, queueObservations, queueVaultFetches } from './work-rows.js';

/** As the configuration has it where it says nothing else. */
const INCIDENT_WINDOW_MS = 600_000;

/** The record in PostgreSQL. */
export class PgRecordStore extends RecordStore {
  private readonly heard = new HeardRows();

  constructor(
    private readonly dataSource: DataSource,
    private readonly incidentWindowMs: number = INCIDENT_WINDOW_MS,
  ) {
    super();
  }

  override transaction<T>(chain: string, work: (transaction: RecordTransaction) => Promise<T>): Promise<T> {
    return withDatabase(async () => {
      const told = new Map<string, Instant>();
      const result = await this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const head = await lockLedgerHead(query, chain);
        const noteHeard = async (lastByRegistry: ReadonlyMap<string, Instant>) => {
          const due = this.heard.worthTelling(lastByRegistry);
          await writeHeard(query, due);
          for (const [registry, at] of due) told.set(registry, at);
        };
        const transaction = new PgRecordTransaction(query, chain, head, this.incidentWindowMs, noteHeard);
        const result = await work(transaction);
        await transaction.closeLedger();
        return result;
      });
      this.heard.wasTold(told);
      return result;
    });
  }
}

export const queryOf =
  (manager: EntityManager): TransactionalQuery =>
  (sql, parameters) =>
    manager.query(sql, parameters);

class PgRecordTransaction extends RecordTransaction {
  private readonly inserted: EventRow[] = [];

  constructor(
    override readonly query: TransactionalQuery,
    private readonly chain: string,
    private readonly head: LedgerHead,
    private readonly incidentWindowMs: number,
    override readonly noteHeard: RecordTransaction['noteHeard'],
  ) {
    super();
  }

  override async insertEvents(events: readonly TimelineEvent[]): Promise<ReadonlySet<EventId>> {
    const rows = await insertEventRows(this.query, events.map(rowOfEvent));
    this.inserted.push(...rows);
    return new Set(rows.map(({ id }) => id as EventId));
  }

  /** One entry for all that this transaction inserted. */
  async closeLedger(): Promise<void> {
    if (this.inserted.length === 0) return;
    await appendToLedger(this.query, this.chain, this.head, this.inserted);
  }

  override loadStates(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TagState>> {
    return loadTagStates(this.query, refs);
  }

  override loadRepositoryWide(since: readonly (RepositoryRef & { since: Instant })[]): Promise<RepositoryWideEvent[]> {
    return loadRepositoryWideEvents(this.query, since);
  }

  override findTagsConcerned(
    events: readonly RepositoryWideEvent[],
  ): Promise<{ ref: TagRef; event: RepositoryWideEvent }[]> {
    return findTagsConcerned(this.query, events);
  }

  override async loadTimelines(refs: readonly TagRef[]): Promise<ReadonlyMap<string, TimelineEvent[]>> {
    const timelines = new Map<string, TimelineEvent[]>(refs.map((ref) => [formatTagRef(ref), []]));
    for (const { index, event } of await loadTimelineEvents(this.query, refs)) {
      timelines.get(formatTagRef(refs[index]!))!.push(event);
    }
    return timelines;
  }

  override async loadChildren(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, readonly Digest[]>> {
    const rows = await this.query('SELECT digest, children FROM manifest WHERE digest = ANY($1)', [digests]);
    return new Map(
      (rows as { digest: Digest; children: Digest[] }[]).map(({ digest, children }) => [digest, children]),
    );
  }

  override keepManifests(manifests: readonly KeptManifest[]): Promise<void> {
    return keepManifestRows(this.query, manifests);
  }

  override async saveOutcomes(outcomes: readonly TagOutcome[], now: Instant): Promise<readonly NewViolation[]> {
    await saveTagStates(this.query, outcomes);
    await saveBindings(this.query, outcomes);
    await queueVaultFetches(this.query, outcomes);
    await queueGuards(this.query, sealsToGuard(outcomes));
    await queueObservations(this.query, outcomes);
    return this.saveViolations(outcomes, now);
  }

  private async saveViolations(outcomes: readonly TagOutcome[], now: Instant): Promise<readonly NewViolation[]> {
    const concerned = outcomes.filter(
      ({ anew, changes }) => anew || changes.violations.length > 0 || changes.endOfEarlier !== null,
    );
    if (concerned.length === 0) return [];
    const kept = await loadViolations(
      this.query,
      concerned.filter(({ anew }) => anew).map(({ ref }) => tagIdOf(ref)),
      concerned.filter(({ anew }) => !anew).map(({ ref }) => tagIdOf(ref)),
    );
    const keptOf = violationsByTag(kept);
    const reconciled = concerned.map(({ ref, changes, anew }) => {
      const tagId = tagIdOf(ref);
      return { tagId, ref, ...reconcileViolations(keptOf.get(tagId) ?? [], changes, anew) };
    });
    const incidentIds = new Map(kept.map(({ violation, incidentId }) => [violation.id, incidentId]));
    const all = (pick: 'write' | 'announce') =>
      reconciled.flatMap(({ tagId, ref, [pick]: violations }) =>
        violations.map((violation) => ({ tagId, ref, violation, incidentId: incidentIds.get(violation.id) ?? null })),
      );
    const { incidents, given, opened } = await assignIncidents(this.query, all('announce'), this.incidentWindowMs);
    for (const [violationId, incidentId] of given) incidentIds.set(violationId, incidentId);
    await saveViolations(this.query, all('write'));
    // The enforcer is woken first: the tag's way back is what is waited for.
    await queueEnforcement(
      this.query,
      reconciled.filter(({ enforce }) => enforce),
    );
    await announceAll(this.query, all('announce'), now, incidents);
    await this.keepChanges(all('announce'), kept, opened, now);
    return reconciled.flatMap(({ ref, added }) => added.map((violation) => ({ ref, violation })));
  }

  /** On the recorder's own chain: the service's would make recorders wait for each other. */
  private async keepChanges(
    changed: readonly TagViolation[],
    before: readonly TagViolation[],
    opened: readonly Incident[],
    now: Instant,
  ): Promise<void> {
    if (changed.length === 0) return;
    const states = new Map(before.map(({ violation: { id, state } }) => [id, state]));
    const changes = changed.map((one): StateChange => ({ ...one, from: states.get(one.violation.id) ?? null }));
    const rows = [
      ...changes.map((change) => recordedChange(change, now)),
      ...opened.map((incident) => incidentOpened(incident, now)),
    ];
    this.inserted.push(...(await insertEventRows(this.query, rows)));
  }

  override keepExposingPulls(pulls: readonly Pulled[]): Promise<number> {
    return keepExposingPulls(this.query, pulls, (rows) => this.inserted.push(...rows));
  }

  override queueHints(hints: readonly TagHint[]): Promise<void> {
    return queueHints(this.query, hints);
  }

  override keepRejected(rejected: readonly RejectedPayload[]): Promise<void> {
    return keepRejected(this.query, rejected);
  }
}

function violationsByTag(kept: readonly TagViolation[]): ReadonlyMap<string, readonly KeptViolation[]> {
  const byTag = new Map<string, KeptViolation[]>();
  for (const { tagId, violation } of kept) {
    const own = byTag.get(tagId);
    if (own) own.push(violation);
    else byTag.set(tagId, [violation]);
  }
  return byTag;
}
