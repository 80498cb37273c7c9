import { z } from 'zod';
import { VIOLATION_STATES } from '#domain';

/** What happened to a violation: it entered a state, or the fight breaker tripped for its tag. */
export const VIOLATION_CHANGES = [...VIOLATION_STATES, 'fight'] as const;
export const ViolationChange = z.enum(VIOLATION_CHANGES);
export type ViolationChange = z.infer<typeof ViolationChange>;

const Told = z.object({ page: z.int(), changes: z.array(ViolationChange), closes: z.boolean() });

/** Of the incident, as it was after the change. */
export const IncidentData = z.object({
  id: z.string(),
  members: z.int(),
  /** When the first of them happened. */
  since: z.string(),
  /** Several identities are in it. */
  isMixed: z.boolean(),
  /** Which telling of the incident this is, and those before it since it was last closed; null where it is quiet. */
  page: z.object({ page: z.int(), earlier: z.array(Told) }).nullable(),
});
export type IncidentData = z.infer<typeof IncidentData>;

export const ViolationData = z.object({
  id: z.string(),
  kind: z.enum(['overwrite', 'deletion']),
  state: z.enum(VIOLATION_STATES),
  registry: z.string(),
  repository: z.string(),
  tag: z.string(),
  sealedDigest: z.string(),
  foundDigest: z.string().nullable(),
  actor: z.string().nullable(),
  detectedAt: z.string(),
  restoredAt: z.string().nullable(),
  rule: z.object({ id: z.string(), name: z.string() }),
  /** A sentence: why it could not be restored. */
  failure: z.string().nullable(),
  /** What it belongs to; null where it arose as no violation that stands, or before there were incidents. */
  incident: IncidentData.nullable().default(null),
});
export type ViolationData = z.infer<typeof ViolationData>;

/**
 * A message of the topic `tagwarden.violations`, key `registry/repository`: a structured CloudEvents 1.0 event.
 * `id` is stable across redeliveries: consumers may dedup on it.
 */
export const ViolationChanged = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  /** `tagwarden.violation.<change>`. */
  type: z.templateLiteral(['tagwarden.violation.', ViolationChange]),
  /** `registry/repository:tag`. */
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  /** An extension attribute: people are told of the incident by another change, not by this one. */
  quiet: z.boolean().default(false),
  data: ViolationData,
});
export type ViolationChanged = z.infer<typeof ViolationChanged>;
