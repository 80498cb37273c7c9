import type { IncidentsQuery, IncidentView, Page } from '#contracts';
import type { Instant } from '#domain';

/** What people and programs ask of incidents. Rejects with a retriable error while the database cannot be reached. */
export abstract class IncidentQueries {
  /** Newest first. */
  abstract list(query: IncidentsQuery): Promise<Page<IncidentView>>;
  abstract find(id: string): Promise<IncidentView | null>;
}

/** What a person asked for an incident as a whole, for the audit trail; what becomes of each violation is written there by itself. */
export type IncidentDeed = {
  readonly type: 'incidentRestoreRequested' | 'incidentAccepted' | 'incidentAcknowledged';
  readonly by: string;
  readonly at: Instant;
  readonly reason: string | null;
};

export abstract class IncidentHandling {
  /**
   * Writes the deed down, and answers the violations that it is for, the oldest first: those still open, or those without a mark. Throws
   * `INCIDENT_UNKNOWN`.
   */
  abstract begin(id: string, deed: IncidentDeed, which: 'open' | 'unmarked'): Promise<string[]>;
  /** How many of these violations are accepted. */
  abstract countAccepted(violationIds: readonly string[]): Promise<number>;
}
