import { z } from 'zod';
import type { Loading } from './loading.js';
import { duration } from './values.js';

export type IncidentsConfiguration = {
  /** A violation joins an incident up to so long after the last one of it. */
  readonly windowMs: number;
};

const IncidentsSchema = z.strictObject({ window: duration('1s', '24h').prefault('10m') });

export function loadIncidents(loading: Loading): IncidentsConfiguration | null {
  const section = loading.check(IncidentsSchema, ['incidents']);
  return section && { windowMs: section.window };
}
