import {
  type HearingEvidence,
  type Instant,
  instantOf,
  isDeaf,
  type RegistryName,
  type RuleHistory,
  untold,
} from '#domain';
import type { AlertChannels } from '../ports/alert-channel.js';
import type { CurrentRules } from '../ports/current-rules.js';
import type { Deafness, HearingBook, HearingStanding } from '../ports/hearing.js';
import type { Log } from '../ports/log.js';
import { planServiceAlerts, type ServiceNotice } from '../send-alerts/plan-service-alerts.js';

/** After a sweep's end: a notification of what it found may be late, and then nothing is wrong. */
export const HEARING_GRACE_MS = 15_000;

/** Finds registries that notify us no more, by what sweeps find, and those that do again. */
export class WatchHearing {
  constructor(
    private readonly book: HearingBook,
    private readonly rules: CurrentRules,
    private readonly channels: AlertChannels,
    private readonly tellsDeletions: (registry: RegistryName) => boolean,
    private readonly log: Log,
    private readonly now: () => number,
    private readonly graceMs: number = HEARING_GRACE_MS,
  ) {}

  async look(registries: readonly string[]): Promise<void> {
    const standings = await this.book.standings(registries, this.graceMs);
    if (standings.every(({ deaf, findings }) => deaf === null && findings.length === 0)) return;
    const { history } = await this.rules.upToDate();
    for (const standing of standings) {
      if (standing.deaf === null) await this.findDeaf(standing, history);
      else if (standing.deaf.isHeard) await this.endDeafness(standing.registry);
    }
  }

  private async findDeaf(standing: HearingStanding, history: RuleHistory): Promise<void> {
    const { registry } = standing;
    const evidence = standing.findings.map((finding) => this.evidenceOf(standing, finding, history)).find(isDeaf);
    if (evidence === undefined) return;
    const at = instantOf(this.now());
    const deafness = deafnessOf(registry, evidence);
    const notice: ServiceNotice = { type: 'registryDeaf', registry, sentence: deafness.sentence, at };
    const isMarked = await this.book.markDeaf(standing, deafness, at, planServiceAlerts(notice, this.channels.list()));
    if (isMarked) this.log.warn(deafness.sentence, { registry });
  }

  private async endDeafness(registry: RegistryName): Promise<void> {
    const at = instantOf(this.now());
    const sentence = `A notification of registry ${registry} has come: it is heard again.`;
    const notice: ServiceNotice = { type: 'registryHeard', registry, sentence, at };
    const isMarked = await this.book.markHeard(registry, at, planServiceAlerts(notice, this.channels.list()));
    if (isMarked) this.log.info(sentence, { registry });
  }

  private evidenceOf(
    { registry, lastHeardAt }: HearingStanding,
    { sweep, previousStartedAt }: HearingStanding['findings'][number],
    history: RuleHistory,
  ): HearingEvidence {
    const sameRules =
      previousStartedAt !== null && history.rulesAt(previousStartedAt) === history.rulesAt(sweep.startedAt);
    return { sweep, previousStartedAt, sameRules, tellsDeletions: this.tellsDeletions(registry), lastHeardAt };
  }
}

function deafnessOf(registry: RegistryName, evidence: HearingEvidence): Deafness {
  const { sweep, lastHeardAt, previousStartedAt } = evidence;
  const count = untold(evidence);
  const changes = count === 1 ? 'a change of a sealed or covered tag' : `changes of ${count} sealed or covered tags`;
  const silence = lastHeardAt === null ? 'it was never heard' : `it was last heard at ${minuteOf(lastHeardAt)}`;
  return {
    since: lastHeardAt ?? previousStartedAt ?? sweep.startedAt,
    sentence:
      `Registry ${registry} sends no notifications: the sweep of ${minuteOf(sweep.startedAt)} found ${changes} that none told of, and ` +
      `${silence}. Look whether it is still subscribed to send them to /hooks/${registry}, and whether they get through.`,
  };
}

/** As people read it: to the minute, in UTC. */
const minuteOf = (at: Instant): string => `${at.slice(0, 16).replace('T', ' ')} UTC`;
