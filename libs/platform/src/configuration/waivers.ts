import { z } from 'zod';
import type { Loading } from './loading.js';

export type WaiversConfiguration = {
  /** Every waiver needs a second person, whether who makes it asks for that or not. */
  readonly alwaysNeedsApproval: boolean;
};

const WaiversSchema = z.strictObject({ approval: z.enum(['optional', 'required']).default('optional') });

export function loadWaivers(loading: Loading): WaiversConfiguration | null {
  const section = loading.check(WaiversSchema, ['waivers']);
  return section && { alwaysNeedsApproval: section.approval === 'required' };
}
