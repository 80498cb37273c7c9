import { type CompiledRule, canaryRule } from '#domain';
import type { EnforcementConfiguration } from './enforcement.js';
import type { Loading } from './loading.js';
import type { RegistryConfiguration } from './registries.js';

/** An interval may come a tenth shorter. */
const SHORTEST_PART = 0.9;

/** The built-in rules of the registries with a canary, before all others: of two that cover a canary its own is named. */
export const canaryRules = (registries: readonly RegistryConfiguration[]): readonly CompiledRule[] =>
  registries.flatMap(({ name, canary }) => (canary === null ? [] : [canaryRule(name, canary.repository)]));

/** Each run is one restoration of one tag: too many of them within the breaker's window would be taken for a fight. */
export function checkCanaries(
  loading: Loading,
  registries: readonly RegistryConfiguration[],
  { breaker }: EnforcementConfiguration,
): void {
  for (const [index, { name, canary }] of registries.entries()) {
    if (canary === null || restoresWithin(breaker.withinMs, canary.everyMs) < breaker.restores) continue;
    loading.report(
      ['registries', index, 'canary', 'every'],
      `The canary of ${name} would be restored ${restoresWithin(breaker.withinMs, canary.everyMs)} times within enforcement.breaker.within, ` +
        `which is a fight from ${breaker.restores} times on. Overwrite it less often, or raise enforcement.breaker.restores.`,
    );
  }
}

const restoresWithin = (windowMs: number, everyMs: number): number =>
  Math.floor(windowMs / (SHORTEST_PART * everyMs)) + 1;
