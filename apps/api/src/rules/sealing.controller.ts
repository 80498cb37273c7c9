import { Controller, Get, Inject, Param } from '@nestjs/common';
import { CurrentRules, RuleSealingQueries, RuleUnknownError, SweepQueries } from '#application';
import { RuleParameters, type SealingView } from '#contracts';
import type { CompiledRule, Instant } from '#domain';
import { CurrentRegistries, SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { NEVER_SWEPT } from '../settings/registry-view.js';

/** More than anybody waits for to the last one. */
const MOST_WAITING = 10_000;

type SealingSweep = SealingView['sweeps'][number];

@Controller('api/v1/rules')
export class SealingController {
  constructor(
    @Inject(CurrentRules) private readonly rules: CurrentRules,
    @Inject(RuleSealingQueries) private readonly sealing: RuleSealingQueries,
    @Inject(SweepQueries) private readonly sweeps: SweepQueries,
    @Inject(CurrentRegistries) private readonly registries: CurrentRegistries,
  ) {}

  @Get(':id/sealing')
  async get(@Param(new SchemaPipe(RuleParameters)) { id }: RuleParameters): Promise<SealingView> {
    const compiled = await this.findRule(id);
    const registries = this.registriesOf(compiled);
    const queued = await this.sealing.waiting(registries, MOST_WAITING);
    const waiting = queued.filter((ref) => compiled.covers(ref)).length;
    const sweeps = await this.sweepsOf(registries);
    const since = await this.sealing.unchangedSince(id);
    return {
      rule: { id, name: compiled.rule.name },
      sealed: await this.sealing.countSealed(id),
      waiting,
      sweeps,
      done: waiting === 0 && sweeps.every((sweep) => isSweptSince(sweep, since)),
    };
  }

  private async findRule(id: string): Promise<CompiledRule> {
    const { history } = await this.rules.upToDate();
    const compiled = history.rulesAt(now()).find(({ rule }) => rule.id === id);
    if (compiled === undefined) throw new RuleUnknownError(id);
    return compiled;
  }

  /** A disabled rule covers none. */
  private registriesOf({ rule, mayCoverRegistry }: CompiledRule): string[] {
    if (!rule.enabled) return [];
    return this.registries.names().filter(mayCoverRegistry);
  }

  private async sweepsOf(registries: readonly string[]): Promise<SealingSweep[]> {
    const standings = await this.sweeps.standings(registries);
    return registries.map((registry) => {
      const { pending, running, last } = standings.get(registry) ?? NEVER_SWEPT;
      return { registry, pending, running, last };
    });
  }
}

const isSweptSince = ({ last }: SealingSweep, since: Instant | null): boolean =>
  last !== null && last.failures === 0 && (since === null || last.startedAt >= since);
