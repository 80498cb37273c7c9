import { assertUnreachable } from '../assert-unreachable.js';
import { addMs, type Instant } from '../instant.js';
import type { Digest } from '../names.js';
import {
  comparePositions,
  deriveId,
  type EventId,
  isIndexMediaType,
  type Position,
  type TimelineEvent,
} from '../registry-event.js';
import {
  type CoverageInterval,
  findLiveWaiver,
  type Protection,
  type SealedTagChange,
  type WaiverWindow,
} from '../rules/index.js';
import type { ViolationId, ViolationKind } from '../violation.js';
import {
  type Binding,
  type BindingCause,
  type FoldedViolation,
  type TagChanges,
  type TagState,
  type ViolationEnd,
} from './tag-state.js';

/** What the fold is told about the world beside the events. */
export type FoldContext = {
  /** Names the tag in ids: `registry/repository:tag`. */
  readonly subject: string;
  /** The tag's protection over time, oldest first, the first from null; from `RuleHistory`. */
  readonly coverage: readonly CoverageInterval[];
  /** The tag's waivers by when they began; from `WaiverBook`. */
  readonly waivers: readonly WaiverWindow[];
  /** Rules and waivers up to here are applied, also those after the last event. */
  readonly until: Instant;
  /** Length of the settle window. */
  readonly settleMs: number;
  /** The manifests that a manifest lists; null while unknown, empty for an image. */
  readonly childrenOf: (digest: Digest) => readonly Digest[] | null;
};

/** After every event of its time. */
const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff' as EventId;

/**
 * The timeline of a tag: bindings, seal and violations as they follow from its events, in the order (occurredAt, id).
 * `events` must be sorted, without doubles, and lie after `from.foldedTo`; a late event needs a fold from `EMPTY_TAG`.
 */
export function foldTag(from: TagState, events: readonly TimelineEvent[], context: FoldContext): TagChanges {
  const fold = new Fold(from, context);
  for (const event of events) {
    fold.applyChanges(event.occurredAt);
    fold.apply(event);
  }
  fold.applyChanges(context.until);
  return fold.changes();
}

/** Whether these events can be folded onto this state, or the tag must be folded anew. */
export const isLate = (state: TagState, event: Position): boolean =>
  state.foldedTo !== null && comparePositions(event, state.foldedTo) <= 0;

class Fold {
  private state: TagState;
  private readonly ended: Binding[] = [];
  private readonly violations: FoldedViolation[] = [];
  private endOfEarlier: ViolationEnd | null = null;
  private waiverOfEarlier: string | null = null;
  private readonly unknownIndexes: Digest[] = [];
  private nextInterval: number;
  private nextWaiver: number;
  private protection: Protection | null;

  constructor(
    private readonly from: TagState,
    private readonly context: FoldContext,
  ) {
    this.state = from;
    const at = from.foldedTo?.occurredAt ?? null;
    const { coverage } = context;
    let next = 0;
    // Events of a rule change's own time come after it, unless the state has passed it.
    while (next < coverage.length && isInForce(coverage[next], at)) next += 1;
    this.nextInterval = next;
    const waiver = context.waivers.findIndex(({ from: start }) => at === null || start > at);
    this.nextWaiver = waiver === -1 ? context.waivers.length : waiver;
    this.protection = coverage[next - 1]?.protection ?? null;
  }

  changes(): TagChanges {
    const { binding } = this.state;
    const isNew = binding !== null && binding !== this.from.binding;
    const hasNewSeal = this.state.seal !== null && this.state.seal.digest !== this.from.seal?.digest;
    return {
      state: this.state,
      wantsSeal: this.protection !== null && this.state.seal === null && this.state.binding !== null,
      hasNewSeal,
      wantsGuard: hasNewSeal && this.protection?.guard === true,
      bindings: isNew ? [...this.ended, binding] : this.ended,
      violations: this.violations,
      endOfEarlier: this.endOfEarlier,
      waiverOfEarlier: this.waiverOfEarlier,
      unknownIndexes: this.unknownIndexes,
    };
  }

  /** What changed beside the events, in order; of one time the rules before the waivers. */
  applyChanges(until: Instant): void {
    for (;;) {
      const interval = this.context.coverage[this.nextInterval];
      const waiver = this.context.waivers[this.nextWaiver];
      const ruleAt = interval?.from ?? null;
      if (interval !== undefined && ruleAt !== null && ruleAt <= until && !(waiver && waiver.from < ruleAt)) {
        this.nextInterval += 1;
        this.applyRuleChange(ruleAt, interval.protection);
      } else if (waiver !== undefined && waiver.from <= until) {
        this.nextWaiver += 1;
        this.applyWaiver(waiver);
      } else return;
    }
  }

  /** A waiver that begins while the tag stands wrong permits what it finds. */
  private applyWaiver({ from: at }: WaiverWindow): void {
    const { binding, seal } = this.state;
    const position = { occurredAt: at, id: LAST_ID };
    if (seal !== null && this.protection !== null && binding?.digest !== seal.digest) {
      const kind = binding === null ? 'deletion' : 'overwrite';
      const change = { kind, digest: binding?.digest ?? null, at } as const;
      const waiverId = this.protection.protect.includes(kind) ? this.useWaiver(change) : null;
      if (waiverId !== null) this.sealUnder(waiverId, position, this.protection);
    }
    if (this.state.foldedTo !== null) this.state = { ...this.state, foldedTo: position };
  }

  /** The waiver that permits the change, now used once more; null where none does. */
  private useWaiver(change: SealedTagChange): string | null {
    const used = this.state.waiverUses;
    const waiver = findLiveWaiver(this.context.waivers, used, change);
    if (waiver === null) return null;
    if (waiver.uses !== null) {
      this.state = { ...this.state, waiverUses: { ...used, [waiver.id]: (used?.[waiver.id] ?? 0) + 1 } };
    }
    return waiver.id;
  }

  private applyRuleChange(at: Instant, protection: Protection | null): void {
    this.protection = protection;
    const position = { occurredAt: at, id: LAST_ID };
    const { seal } = this.state;
    if (seal !== null && protection === null) {
      this.endViolations({ at: position, by: 'released' });
      this.state = { ...this.state, seal: null };
    } else if (seal !== null && protection !== null) {
      this.state = { ...this.state, seal: { ...seal, rule: protection.rule } };
    }
    // Only a tag with a past has moved on: an unknown one stays unknown, whatever the rules do.
    if (this.state.foldedTo !== null) this.state = { ...this.state, foldedTo: position };
  }

  apply(event: TimelineEvent): void {
    switch (event.type) {
      case 'pushed':
        this.pointAt(event, event.digest, event.mediaType, 'pushed');
        break;
      case 'observed':
        if (event.digest === null) this.lose(event);
        else this.pointAt(event, event.digest, event.mediaType, 'observed');
        break;
      case 'tagDeleted':
      case 'repositoryDeleted':
        this.lose(event);
        break;
      case 'manifestDeleted':
        this.loseManifest(event);
        break;
      case 'sealAccepted':
        this.accept(event);
        break;
      default:
        assertUnreachable(event);
    }
    this.state = { ...this.state, foldedTo: { occurredAt: event.occurredAt, id: event.id } };
  }

  private pointAt(event: TimelineEvent, digest: Digest, mediaType: string | null, cause: BindingCause): void {
    const moved = this.state.binding?.digest !== digest;
    if (moved) this.bind(event, digest, mediaType, cause);
    const { seal } = this.state;
    if (seal === null) {
      if (this.protection !== null) this.seal(event, digest, mediaType, event.occurredAt, this.protection);
    } else if (seal.digest === digest) {
      this.endViolations({ at: positionOf(event), by: 'righted' });
    } else if (moved && this.protection !== null) {
      this.judgeOverwrite(event, digest, mediaType, seal.digest, this.protection);
    }
  }

  private judgeOverwrite(
    event: TimelineEvent,
    digest: Digest,
    mediaType: string | null,
    sealedDigest: Digest,
    protection: Protection,
  ): void {
    const settling = this.isSettling(event.occurredAt) && mayBeIndex(mediaType);
    const children = settling ? this.context.childrenOf(digest) : [];
    if (children?.includes(sealedDigest) || !protection.protect.includes('overwrite')) {
      const sealedAt = this.state.seal?.sealedAt ?? event.occurredAt;
      this.seal(event, digest, mediaType, settling ? sealedAt : event.occurredAt, protection);
      this.endViolations({ at: positionOf(event), by: 'righted' });
      return;
    }
    if (children === null) this.unknownIndexes.push(digest);
    const waiverId = this.useWaiver({ kind: 'overwrite', digest, at: event.occurredAt });
    const isUndecided = children === null && waiverId === null;
    this.violate('overwrite', event, sealedDigest, digest, protection, isUndecided, waiverId);
    if (waiverId !== null) this.sealUnder(waiverId, positionOf(event), protection);
  }

  private isSettling(at: Instant): boolean {
    const { seal } = this.state;
    return seal !== null && at <= addMs(seal.sealedAt, this.context.settleMs);
  }

  private lose(event: TimelineEvent): void {
    const { binding, seal } = this.state;
    if (binding === null) return;
    const isViolation = seal !== null && this.protection?.protect.includes('deletion');
    const waiverId = isViolation ? this.useWaiver({ kind: 'deletion', digest: null, at: event.occurredAt }) : null;
    this.unbind(event, waiverId);
    if (!isViolation || this.protection === null) return;
    this.violate('deletion', event, seal.digest, null, this.protection, false, waiverId);
    if (waiverId !== null) this.sealUnder(waiverId, positionOf(event), this.protection);
  }

  /** The tag's own manifest, or a part of the sealed index: then the tag still stands, over something broken. */
  private loseManifest(event: TimelineEvent & { type: 'manifestDeleted' }): void {
    const { binding, seal } = this.state;
    if (binding?.digest === event.digest) {
      this.lose(event);
    } else if (seal !== null && binding?.digest === seal.digest && this.protection?.protect.includes('deletion')) {
      const isPart = this.context.childrenOf(seal.digest)?.includes(event.digest);
      if (isPart) this.losePart(event, seal.digest, this.protection);
    }
  }

  private losePart(event: TimelineEvent, sealed: Digest, protection: Protection): void {
    const waiverId = this.useWaiver({ kind: 'deletion', digest: null, at: event.occurredAt });
    this.violate('deletion', event, sealed, sealed, protection, false, waiverId);
  }

  private accept(event: TimelineEvent & { type: 'sealAccepted' }): void {
    this.endViolations({ at: positionOf(event), by: 'accepted' });
    if (event.digest === null || this.protection === null) this.state = { ...this.state, seal: null };
    else this.seal(event, event.digest, event.mediaType, event.occurredAt, this.protection);
  }

  private bind(event: TimelineEvent, digest: Digest, mediaType: string | null, cause: BindingCause): void {
    this.unbind(event);
    const bound = positionOf(event);
    const binding = { digest, mediaType, actor: event.actor, cause, bound, unbound: null };
    this.state = { ...this.state, binding: { ...binding, boundUnder: null, unboundUnder: null } };
  }

  private unbind(event: TimelineEvent, unboundUnder: string | null = null): void {
    const { binding } = this.state;
    if (binding === null) return;
    this.ended.push({ ...binding, unbound: positionOf(event), unboundUnder });
    this.state = { ...this.state, binding: null };
  }

  private seal(
    event: TimelineEvent,
    digest: Digest,
    mediaType: string | null,
    sealedAt: Instant,
    protection: Protection,
  ): void {
    const seal = { digest, mediaType, sealedAt, sealedBy: event.id, rule: protection.rule };
    this.state = { ...this.state, seal };
  }

  /** A change that a waiver permits is kept as a violation that never stood: who looks for changes of sealed tags finds it. */
  private violate(
    kind: ViolationKind,
    event: TimelineEvent,
    sealedDigest: Digest,
    foundDigest: Digest | null,
    protection: Protection,
    awaitingChildren: boolean,
    waiverId: string | null,
  ): void {
    const found = { kind, sealedDigest, foundDigest, rule: protection.rule, mode: protection.mode };
    this.violations.push({
      ...found,
      id: deriveId('violation', event.id, this.context.subject) as string as ViolationId,
      event: positionOf(event),
      receivedAt: event.receivedAt,
      actor: event.actor,
      awaitingChildren,
      end: waiverId === null ? null : { at: positionOf(event), by: 'waived' },
      waiverId,
    });
  }

  /** Ends what stood. What the tag points at becomes the seal; where it is gone with permission, nothing is. */
  private sealUnder(waiverId: string, at: Position, { rule }: Protection): void {
    this.endViolations({ at, by: 'waived' }, waiverId);
    const { binding } = this.state;
    const seal = binding && {
      digest: binding.digest,
      mediaType: binding.mediaType,
      sealedAt: at.occurredAt,
      sealedBy: binding.bound.id,
      rule,
    };
    this.state = { ...this.state, seal, binding: binding && { ...binding, boundUnder: waiverId } };
  }

  private endViolations(end: ViolationEnd, waiverId: string | null = null): void {
    if (this.endOfEarlier === null) {
      this.endOfEarlier = end;
      this.waiverOfEarlier = waiverId;
    }
    this.violations.forEach((violation, index) => {
      if (violation.end === null) this.violations[index] = { ...violation, end, waiverId };
    });
  }
}

const positionOf = (event: Position): Position => ({ occurredAt: event.occurredAt, id: event.id });

const isInForce = (interval: CoverageInterval | undefined, at: Instant | null): boolean =>
  interval !== undefined && (interval.from === null || (at !== null && interval.from <= at));

/** A source that names no media type leaves it open. */
const mayBeIndex = (mediaType: string | null): boolean => mediaType === null || isIndexMediaType(mediaType);
