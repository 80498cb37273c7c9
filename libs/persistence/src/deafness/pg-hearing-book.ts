import type { DataSource } from 'typeorm';
import { type Deafness, HearingBook, type HearingStanding, type PlannedDelivery } from '#application';
import type { Instant, RegistryName, SweepFindings } from '#domain';
import { enqueueDeliveries } from '../alerts/enqueue-deliveries.js';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';

/** Far more than are needed: the first that shows deafness counts. */
const MAX_FINDINGS = 20;

type StandingRow = {
  registry: RegistryName;
  last_heard_at: Instant | null;
  since: Instant | null;
  sentence: string | null;
  is_heard: boolean;
};

const STANDINGS = `
SELECT r.registry, h.last_at AS last_heard_at, d.since, d.sentence,
  h.last_at IS NOT NULL AND (d.last_heard_at IS NULL OR h.last_at > d.last_heard_at) AS is_heard
FROM unnest($1::text[]) AS r (registry) LEFT JOIN registry_heard h ON h.registry = r.registry
LEFT JOIN deaf_registry d ON d.registry = r.registry`;

type FindingRow = SweepFindings & { readonly registry: RegistryName; readonly previousStartedAt: Instant | null };

/** What was heard after a sweep began speaks against all that it found. */
const FINDINGS = `
SELECT r.registry, f.* FROM unnest($1::text[]) AS r (registry) LEFT JOIN registry_heard h ON h.registry = r.registry CROSS JOIN LATERAL (
  SELECT s.started_at AS "startedAt", s.overwritten, s.deleted, s.differences - s.overwritten - s.deleted AS appeared, (
    SELECT max(p.started_at) FROM sweep_run p
    WHERE p.registry = s.registry AND p.started_at < s.started_at AND p.finished_at IS NOT NULL) AS "previousStartedAt"
  FROM sweep_run s
  WHERE s.registry = r.registry AND s.differences > 0 AND s.finished_at <= now() - $2 * interval '1 millisecond'
    AND (h.last_at IS NULL OR s.started_at > h.last_at)
  ORDER BY s.started_at LIMIT ${MAX_FINDINGS}) f`;

const MARK_DEAF = `
INSERT INTO deaf_registry (registry, since, sentence, last_heard_at, marked_at)
SELECT $1::text, $2::timestamptz, $3, $4::timestamptz, $5::timestamptz
WHERE NOT EXISTS (SELECT FROM registry_heard WHERE registry = $1 AND ($4 IS NULL OR last_at > $4))
ON CONFLICT (registry) DO NOTHING RETURNING registry`;

/** Which registries are deaf, in PostgreSQL. */
export class PgHearingBook extends HearingBook {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override standings(registries: readonly string[], graceMs: number): Promise<HearingStanding[]> {
    return withDatabase(async () => {
      const rows = (await this.dataSource.query(STANDINGS, [registries])) as StandingRow[];
      const findings = (await this.dataSource.query(FINDINGS, [registries, graceMs])) as FindingRow[];
      return rows.map((row) => standingOf(row, findings));
    });
  }

  override markDeaf(
    { registry, lastHeardAt }: HearingStanding,
    { since, sentence }: Deafness,
    at: Instant,
    alerts: readonly PlannedDelivery[],
  ): Promise<boolean> {
    return this.change(MARK_DEAF, [registry, since, sentence, lastHeardAt, at], at, alerts);
  }

  override markHeard(registry: RegistryName, at: Instant, alerts: readonly PlannedDelivery[]): Promise<boolean> {
    return this.change('DELETE FROM deaf_registry WHERE registry = $1 RETURNING registry', [registry], at, alerts);
  }

  /** One of several that do so at once changes something, and tells of it. */
  private change(sql: string, values: unknown[], at: Instant, alerts: readonly PlannedDelivery[]): Promise<boolean> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        const answer = (await query(sql, values)) as unknown[] | [unknown[], number];
        const changed = Array.isArray(answer[0]) ? answer[0] : answer;
        if (changed.length === 0) return false;
        await enqueueDeliveries(query, alerts, at);
        return true;
      }),
    );
  }
}

function standingOf(row: StandingRow, findings: readonly FindingRow[]): HearingStanding {
  const { registry, last_heard_at, since, sentence, is_heard } = row;
  return {
    registry,
    lastHeardAt: last_heard_at,
    findings: findings
      .filter((finding) => finding.registry === registry)
      .map(({ registry: _, previousStartedAt, ...sweep }) => ({ sweep, previousStartedAt })),
    deaf: since === null || sentence === null ? null : { since, sentence, isHeard: is_heard },
  };
}
