import type { Instant } from '../instant.js';
import type { Digest } from '../names.js';
import type { EventId, Position } from '../registry-event.js';
import type { Protection } from '../rules/index.js';
import type { ViolationId, ViolationKind } from '../violation.js';

/** What told us of a binding. */
export type BindingCause = 'pushed' | 'observed';

/** The interval in which the tag pointed at a digest: from `bound` to `unbound`, or still. */
export type Binding = {
  readonly digest: Digest;
  readonly mediaType: string | null;
  readonly actor: string | null;
  readonly cause: BindingCause;
  readonly bound: Position;
  readonly unbound: Position | null;
  /** The waiver that permitted this binding where another digest was sealed. */
  readonly boundUnder: string | null;
  /** The waiver that permitted its end. */
  readonly unboundUnder: string | null;
};

/** The digest that the tag is locked to, and by what. */
export type Seal = {
  readonly digest: Digest;
  readonly mediaType: string | null;
  /** When the tag was first sealed; the settle window is counted from here, also after the seal has moved. */
  readonly sealedAt: Instant;
  readonly sealedBy: EventId;
  readonly rule: Protection['rule'];
};

/** How a violation ceased to stand, by the record alone. What the registry says is the enforcer's to ask. */
export type ViolationEnd = { readonly at: Position; readonly by: 'righted' | 'accepted' | 'waived' | 'released' };

/** A violation as it follows from the events. What was done about it is kept elsewhere. */
export type FoldedViolation = {
  readonly id: ViolationId;
  readonly kind: ViolationKind;
  readonly event: Position;
  readonly receivedAt: Instant;
  readonly actor: string | null;
  readonly sealedDigest: Digest;
  readonly foundDigest: Digest | null;
  readonly rule: Protection['rule'];
  readonly mode: Protection['mode'];
  /** The found digest may be an index that lists the seal: nothing may be written until its children are known. */
  readonly awaitingChildren: boolean;
  readonly end: ViolationEnd | null;
  /** The waiver that permitted it. */
  readonly waiverId: string | null;
};

/** All that a later event needs to know of the events before it. */
export type TagState = {
  /** The last position taken into account; null before the first. */
  readonly foldedTo: Position | null;
  readonly binding: Binding | null;
  readonly seal: Seal | null;
  /** How often each waiver with a number of uses was used for this tag; null: none was. */
  readonly waiverUses: Readonly<Record<string, number>> | null;
};

export const EMPTY_TAG: TagState = { foldedTo: null, binding: null, seal: null, waiverUses: null };

/** What folding found, beside the state it ended in. */
export type TagChanges = {
  readonly state: TagState;
  /** The seal is on another digest than before: the vault must have it. */
  readonly hasNewSeal: boolean;
  /** And its rule asks for a guard: what is sealed must also be in the registry's guard repository. */
  readonly wantsGuard: boolean;
  /** A rule covers the tag, and nothing that was seen since has sealed it: the registry must be asked what it points at. */
  readonly wantsSeal: boolean;
  /** Bindings opened or ended here, in order; one that stood before, and ended here, comes first. */
  readonly bindings: readonly Binding[];
  /** Violations that arose here. */
  readonly violations: readonly FoldedViolation[];
  /** How the violations that stood open before ended here, if they did. */
  readonly endOfEarlier: ViolationEnd | null;
  /** The waiver by which they ended. */
  readonly waiverOfEarlier: string | null;
  /** Indexes whose children the fold had to do without. */
  readonly unknownIndexes: readonly Digest[];
};
