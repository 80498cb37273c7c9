import type { Instant } from '../instant.js';
import type { Digest, RegistryName } from '../names.js';
import type { ViolationState } from '../violation.js';

export type IncidentId = string & { readonly __brand: 'IncidentId' };

/** Who, as one registry names them. Everybody whom it does not name is one identity. */
export type Identity = { readonly registry: RegistryName; readonly actor: string | null };

export const isSameIdentity = (a: Identity, b: Identity): boolean => a.registry === b.registry && a.actor === b.actor;

/** What can happen to a member: it enters a state, or the fight breaker trips for its tag. */
export type MemberChange = ViolationState | 'fight';

/** One time that people were told. */
export type ToldPage = {
  /** Counts from 1 in each incident. */
  readonly page: number;
  /** The change that it told; for one that closes, also all those that it closes. */
  readonly changes: readonly MemberChange[];
  /** It told that nothing was left to do. */
  readonly closes: boolean;
};

/** What people were told of an incident so far. */
export type Telling = {
  readonly pages: number;
  /** How often it was told that nothing was left to do. */
  readonly closings: number;
  /** Since the last closing, with that one. */
  readonly latest: readonly ToldPage[];
};

export const NOTHING_TOLD: Telling = { pages: 0, closings: 0, latest: [] };

/** Violations that belong together. */
export type Incident = {
  readonly id: IncidentId;
  /** When the first and the last of its violations happened. */
  readonly openedAt: Instant;
  readonly lastAt: Instant;
  /** Whose first violation it was. */
  readonly identity: Identity;
  /** Others are in it too, by the digest that they put under a tag. */
  readonly isMixed: boolean;
  readonly registries: readonly RegistryName[];
  /** How many violations belong to it. */
  readonly members: number;
  readonly telling: Telling;
  /** When its last open violation was closed; null while one is open. */
  readonly closedAt: Instant | null;
};

/** What decides where a violation belongs. */
export type Arising = Identity & {
  readonly detectedAt: Instant;
  /** null when the tag is gone. */
  readonly foundDigest: Digest | null;
};

/** An incident is open while one of its violations is in one of these: something, or somebody, has still to put it right. */
export const OPEN_STATES: readonly ViolationState[] = ['detected', 'restoring', 'failed', 'audited'];
