import type { DataSource } from 'typeorm';
import type { IncidentView } from '#contracts';

/** What is counted from an incident's violations. */
export type Tally = Pick<IncidentView, 'states' | 'kinds' | 'repositories' | 'digests'>;

const DIGESTS_SHOWN = 100;

const LOAD = `
SELECT w.id, counted.*, ARRAY(
  SELECT DISTINCT v.found_digest FROM violation v WHERE v.incident_id = w.id AND v.found_digest IS NOT NULL ORDER BY 1 LIMIT $2) AS digests
FROM unnest($1::uuid[]) AS w (id) CROSS JOIN LATERAL (
  SELECT coalesce(jsonb_object_agg(s.state, s.count), '{}') AS states FROM (
    SELECT v.state, count(*) FROM violation v WHERE v.incident_id = w.id GROUP BY v.state) s) states
CROSS JOIN LATERAL (
  SELECT states.states, count(DISTINCT (v.registry, v.repository))::int AS repositories,
    count(*) FILTER (WHERE v.kind = 'overwrite')::int AS overwrites, count(*) FILTER (WHERE v.kind = 'deletion')::int AS deletions
  FROM violation v WHERE v.incident_id = w.id) counted`;

type TallyRow = {
  id: string;
  states: Tally['states'];
  repositories: number;
  overwrites: number;
  deletions: number;
  digests: string[];
};

export async function loadTallies(dataSource: DataSource, ids: readonly string[]): Promise<(id: string) => Tally> {
  const rows = ids.length === 0 ? [] : ((await dataSource.query(LOAD, [ids, DIGESTS_SHOWN])) as TallyRow[]);
  const byId = new Map(rows.map((row) => [row.id, tallyOf(row)]));
  return (id) => byId.get(id) ?? { states: {}, kinds: {}, repositories: 0, digests: [] };
}

const tallyOf = ({ states, repositories, overwrites, deletions, digests }: TallyRow): Tally => ({
  states,
  kinds: {
    ...(overwrites === 0 ? {} : { overwrite: overwrites }),
    ...(deletions === 0 ? {} : { deletion: deletions }),
  },
  repositories,
  digests,
});
