import type { TransactionalQuery } from '#application';
import type { Incident } from '#domain';
import { type IncidentRow, incidentOfRow, saveIncidents } from './incident-rows.js';

/** Incidents that a transaction has locked, as it has changed them so far. */
export class HeldIncidents {
  private readonly byId: Map<string, Incident>;
  private readonly changed = new Set<string>();

  constructor(incidents: readonly Incident[]) {
    this.byId = new Map(incidents.map((incident) => [incident.id, incident]));
  }

  /** Locks them, in one order for all transactions: by id, and after the violations. */
  static async lock(query: TransactionalQuery, ids: readonly string[]): Promise<HeldIncidents> {
    if (ids.length === 0) return new HeldIncidents([]);
    const rows = await query('SELECT * FROM incident WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE', [ids]);
    return new HeldIncidents((rows as IncidentRow[]).map(incidentOfRow));
  }

  find(id: string | null): Incident | null {
    return (id === null ? undefined : this.byId.get(id)) ?? null;
  }

  put(incident: Incident): void {
    this.byId.set(incident.id, incident);
    this.changed.add(incident.id);
  }

  async save(query: TransactionalQuery): Promise<void> {
    await saveIncidents(
      query,
      [...this.byId.values()].filter(({ id }) => this.changed.has(id)),
    );
    this.changed.clear();
  }
}
