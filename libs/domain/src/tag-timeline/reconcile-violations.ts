import type { Instant } from '../instant.js';
import type { ViolationState } from '../violation.js';
import type { FoldedViolation, TagChanges, ViolationEnd } from './tag-state.js';

/** A violation as it is kept: what follows from the events, and what was done about it. */
export type KeptViolation = FoldedViolation & {
  readonly state: ViolationState;
  readonly restoredAt: Instant | null;
  readonly failure: string | null;
  /** Grows with each announced change. */
  readonly version: number;
};

export type Reconciliation = {
  /** New and changed violations, to be written. */
  readonly write: readonly KeptViolation[];
  /** Those of them that are new. */
  readonly added: readonly KeptViolation[];
  /** Those whose state is new: people and programs are told. */
  readonly announce: readonly KeptViolation[];
  /** The enforcer has something to look at. */
  readonly enforce: boolean;
};

const FOLLOWS_RECORD: ReadonlySet<ViolationState> = new Set(['withdrawn', 'accepted', 'waived']);
const UNFINISHED: ReadonlySet<ViolationState> = new Set(['detected', 'restoring', 'failed']);

/** Whether a violation still waits for somebody, a program or a person. */
export const isUnfinished = (state: ViolationState): boolean => UNFINISHED.has(state);

/**
 * Brings what is kept of a tag's violations in line with what folding found. `anew`: the fold began at the tag's beginning, so a kept
 * violation that it did not find no longer follows, and is withdrawn.
 */
export function reconcileViolations(
  kept: readonly KeptViolation[],
  changes: TagChanges,
  anew: boolean,
): Reconciliation {
  const found = new Map(changes.violations.map((violation) => [violation.id, violation]));
  const before = kept.map((violation) => ({
    violation,
    after: anew ? refolded(violation, found.get(violation.id)) : ended(violation, changes),
  }));
  const known = new Set(kept.map(({ id }) => id));
  const added = changes.violations.filter(({ id }) => !known.has(id)).map(asNew);
  const changed = before.filter(({ violation, after }) => differs(violation, after)).map(({ after }) => after);
  const restated = before.filter(({ violation, after }) => violation.state !== after.state).map(({ after }) => after);
  return {
    write: [...added, ...changed],
    added,
    announce: [...added, ...restated],
    enforce: added.some(isEnforceable) || before.some(({ violation, after }) => needsAnotherLook(violation, after)),
  };
}

const isEnforceable = ({ mode, state }: KeptViolation): boolean => mode === 'enforce' && isUnfinished(state);

/** The echo of a restoration in progress is no news to the enforcer; what it had given up, or could not judge yet, is. */
const needsAnotherLook = (before: KeptViolation, after: KeptViolation): boolean =>
  isEnforceable(after) &&
  differs(before, after) &&
  (before.state === 'failed' || before.state === 'withdrawn' || before.awaitingChildren !== after.awaitingChildren);

function asNew(violation: FoldedViolation): KeptViolation {
  return { ...violation, state: initialState(violation), restoredAt: null, failure: null, version: 1 };
}

const initialState = ({ end, mode }: FoldedViolation): ViolationState =>
  stateAfter(mode === 'audit' ? 'audited' : 'detected', end);

function refolded(kept: KeptViolation, found: FoldedViolation | undefined): KeptViolation {
  if (found === undefined) return restate(kept, 'withdrawn');
  // These states say what the record says: where it says otherwise now, the violation stands as if it were new.
  const followsRecord = FOLLOWS_RECORD.has(kept.state);
  return restate({ ...kept, ...found }, followsRecord ? initialState(found) : stateAfter(kept.state, found.end));
}

function ended(kept: KeptViolation, { endOfEarlier: end, waiverOfEarlier: waiverId }: TagChanges): KeptViolation {
  if (end === null || kept.end !== null) return kept;
  return restate({ ...kept, end, waiverId }, stateAfter(kept.state, end));
}

function stateAfter(state: ViolationState, end: ViolationEnd | null): ViolationState {
  const isOpen = isUnfinished(state) || state === 'audited';
  if (isOpen && (end?.by === 'accepted' || end?.by === 'waived')) return end.by;
  if (end?.by === 'released' && isUnfinished(state)) return 'withdrawn';
  return state;
}

const restate = (violation: KeptViolation, state: ViolationState): KeptViolation =>
  violation.state === state ? violation : { ...violation, state, version: violation.version + 1 };

const differs = (a: KeptViolation, b: KeptViolation): boolean =>
  a.state !== b.state ||
  a.awaitingChildren !== b.awaitingChildren ||
  a.end?.by !== b.end?.by ||
  a.end?.at.id !== b.end?.at.id ||
  a.waiverId !== b.waiverId ||
  a.sealedDigest !== b.sealedDigest ||
  a.foundDigest !== b.foundDigest ||
  a.kind !== b.kind ||
  a.mode !== b.mode;
