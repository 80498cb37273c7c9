import type { DataSource } from 'typeorm';
import { ExposureQueries } from '#application';
import { EXPOSURE_LIMITS, type RecordedExposure } from '#contracts';
import { withDatabase } from '../database-unavailable.js';
import { loadCarriers, loadChange, loadOtherChanges, loadWindow } from './exposure-parts.js';
import { PgViolationQueries } from './pg-violation-queries.js';
import { loadPullers, loadPulls, type Queryable } from './violation-parts.js';

const { pulls: LATEST, pullers, groupedPulls } = EXPOSURE_LIMITS;

export class PgExposureQueries extends ExposureQueries {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  /** One snapshot, read-only: a count and the list under it must agree, and `now()` is one moment. */
  override find(id: string): Promise<RecordedExposure | null> {
    return withDatabase(() =>
      this.dataSource.transaction('REPEATABLE READ', async (manager) => {
        await manager.query('SET TRANSACTION READ ONLY');
        return exposureOf(manager, id);
      }),
    );
  }
}

/** In whatever transaction it is asked. */
export async function exposureOf(source: Queryable, id: string): Promise<RecordedExposure | null> {
  const window = await loadWindow(source, id);
  const [violation] = await new PgViolationQueries(source).findAll([id]);
  if (window === undefined || violation === undefined) return null;
  const { pullCount, pulls } = (await loadPulls(source, [id], LATEST))(id);
  return {
    asOf: window.as_of,
    violation,
    change: await loadChange(source, violation.eventId),
    window: { from: violation.detectedAt, until: window.until, seconds: violation.exposure.seconds },
    knownGood: { digest: violation.sealedDigest, mediaType: window.good_media_type },
    pulls: {
      count: pullCount,
      pullers: await loadPullers(source, id, { grouped: groupedPulls, limit: pullers }),
      latest: pulls,
    },
    ...(await loadCarriers(source, violation.foundDigest)),
    otherChanges: await loadOtherChanges(source, {
      actor: violation.actor,
      registry: violation.registry,
      from: window.changes_from,
      to: window.changes_to,
      eventId: violation.eventId,
    }),
  };
}
