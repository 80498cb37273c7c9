import { z } from 'zod';
import type { Loading } from './loading.js';
import { duration } from './values.js';

export type EnforcementConfiguration = {
  /** After a restore, when to read the tag again, each from the read before: it counts as restored once it has stood still. */
  readonly readBacksMs: readonly number[];
  /** So many restores of one tag within the window are a fight: the enforcer stops and pages. */
  readonly breaker: { readonly restores: number; readonly withinMs: number };
  /** Requests to one registry at a time. */
  readonly concurrencyPerRegistry: number;
  /** Of one violation, while the registry's errors are passing ones. */
  readonly attempts: number;
  /** How old the proof may become that a guard repository holds what it must; a tenth more or less. */
  readonly proveGuardsEveryMs: number;
};

const EnforcementSchema = z.strictObject({
  readBacks: z.array(duration('10ms', '10m')).min(1).max(10).prefault(['100ms', '400ms', '1s']),
  breaker: z
    .strictObject({
      restores: z.int().min(1).max(1000).default(20),
      within: duration('10s', '7d').prefault('10m'),
    })
    .prefault({}),
  concurrencyPerRegistry: z.int().min(1).max(64).default(4),
  attempts: z.int().min(1).max(100).default(5),
  proveGuardsEvery: duration('1m', '90d').prefault('24h'),
});

export function loadEnforcement(loading: Loading): EnforcementConfiguration | null {
  const section = loading.check(EnforcementSchema, ['enforcement']);
  if (!section) return null;
  const { readBacks, breaker, concurrencyPerRegistry, attempts, proveGuardsEvery } = section;
  return {
    readBacksMs: readBacks,
    breaker: { restores: breaker.restores, withinMs: breaker.within },
    concurrencyPerRegistry,
    attempts,
    proveGuardsEveryMs: proveGuardsEvery,
  };
}
