import { describe, expect, it } from '@jest/globals';
import { compileRule, NO_WAIVERS, RuleHistory } from '#domain';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';
import type { CurrentRules } from '../ports/current-rules.js';
import { type Deafness, HearingBook, type HearingStanding } from '../ports/hearing.js';
import { at, CHANNELS, REGISTRY } from '../run-canary/canary.fixture.js';
import { SILENT } from '../sweep-registry/sweep.fixture.js';
import { WatchHearing } from './watch-hearing.js';

const MINUTE = 60_000;
const found = { startedAt: at(10 * MINUTE), overwritten: 2, deleted: 0, appeared: 0 };
const standing: HearingStanding = {
  registry: REGISTRY,
  lastHeardAt: at(0),
  findings: [{ sweep: found, previousStartedAt: at(5 * MINUTE) }],
  deaf: null,
};

class NotedBook extends HearingBook {
  readonly told: string[] = [];
  marked: Deafness | null = null;

  constructor(
    private readonly standing: HearingStanding,
    private readonly wins = true,
  ) {
    super();
  }
  override standings = async () => [this.standing];
  override async markDeaf(_: unknown, deafness: Deafness, __: unknown, alerts: readonly PlannedDelivery[]) {
    return this.note(alerts, deafness);
  }
  override async markHeard(_: unknown, __: unknown, alerts: readonly PlannedDelivery[]) {
    return this.note(alerts, null);
  }
  private note(alerts: readonly PlannedDelivery[], deafness: Deafness | null): boolean {
    this.marked = deafness;
    this.told.push(...alerts.map(({ alert }) => alert.change));
    return this.wins;
  }
}

/** Rules that became others at that time. */
const rulesSince = (since: number): CurrentRules => {
  const revisions = [null, at(since)].map((effectiveFrom, index) => ({
    effectiveFrom,
    rules: [compileRule({ name: `rule ${index}`, tags: { all: true } })],
  }));
  const ruling = { history: new RuleHistory(revisions), waivers: NO_WAIVERS };
  return { latest: () => ruling, upToDate: async () => ruling };
};

async function look(change: Partial<HearingStanding>, more: { rulesSince?: number; tellsDeletions?: boolean } = {}) {
  const book = new NotedBook({ ...standing, ...change });
  const rules = rulesSince(more.rulesSince ?? -MINUTE);
  const watch = new WatchHearing(
    book,
    rules,
    CHANNELS,
    () => more.tellsDeletions ?? true,
    SILENT,
    () => 0,
  );
  await watch.look([REGISTRY]);
  return book;
}
const only = (what: 'deleted' | 'appeared') => [
  { sweep: { ...found, overwritten: 0, [what]: 1 }, previousStartedAt: at(5 * MINUTE) },
];

describe('Watching for deaf registries', () => {
  it('marks one whose changes only the sweep has found, and says since when', async () => {
    const { marked, told } = await look({});
    expect(told).toEqual(['registryDeaf']);
    expect(marked?.since).toBe(at(0));
    expect(marked?.sentence).toBe(
      'Registry local sends no notifications: the sweep of 2027-01-15 08:10 UTC found changes of 2 sealed or covered tags that none told of, ' +
        'and it was last heard at 2027-01-15 08:00 UTC. Look whether it is still subscribed to send them to /hooks/local, and whether they get through.',
    );
  });

  it('takes one that was never heard for deaf since the sweep before', async () => {
    const { marked } = await look({ lastHeardAt: null });
    expect(marked?.since).toBe(at(5 * MINUTE));
    expect(marked?.sentence).toContain('it was never heard');
  });

  it.each<[string, Partial<HearingStanding>, Parameters<typeof look>[1]]>([
    ['nothing was found', { findings: [] }, {}],
    ['a late notification has come', { lastHeardAt: at(11 * MINUTE) }, {}],
    ['it was the first sweep', { findings: [{ sweep: found, previousStartedAt: null }] }, {}],
    ['tags appeared under a new rule', { findings: only('appeared') }, { rulesSince: 7 * MINUTE }],
    ['tags are gone, of which its kind never tells', { findings: only('deleted') }, { tellsDeletions: false }],
    ['it is marked already', { deaf: { since: at(0), sentence: 'Deaf.', isHeard: false } }, {}],
  ])('says nothing where %s', async (_, change, more) => {
    expect((await look(change, more)).told).toEqual([]);
  });

  it.each([
    ['appeared', { rulesSince: -MINUTE }],
    ['deleted', { tellsDeletions: true }],
  ] as const)('counts tags that %s where it should have been told of them', async (what, more) => {
    expect((await look({ findings: only(what) }, more)).told).toEqual(['registryDeaf']);
  });

  it('ends with the next notification', async () => {
    const { told } = await look({ deaf: { since: at(0), sentence: 'Deaf.', isHeard: true } });
    expect(told).toEqual(['registryHeard']);
  });
});
