import type { DataSource } from 'typeorm';
import { SweepRequests } from '#application';
import type { Instant, RegistryName } from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';
import { requestSweeps } from './request-sweep.js';

export class PgSweepRequests extends SweepRequests {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override byHand(registry: RegistryName, by: string, at: Instant): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        await requestSweeps(query, [registry], 'hand');
        const event = { type: 'sweepRequested', registry, repository: null, tag: null, digest: null, actor: by };
        await appendServiceEvents(query, [{ ...event, source: 'api', at, detail: {} }]);
      }),
    );
  }
}
