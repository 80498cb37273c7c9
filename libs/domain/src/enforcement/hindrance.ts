import type { Instant } from '../instant.js';
import type { TagRef } from '../names.js';
import { comparePositions } from '../registry-event.js';
import {
  findLiveWaiver,
  type Protection,
  type RuleHistory,
  type SealedTagChange,
  type WaiverBook,
  type WaiverWindow,
} from '../rules/index.js';
import type { KeptViolation } from '../tag-timeline/reconcile-violations.js';
import type { TagState } from '../tag-timeline/tag-state.js';

/** What the rules and waivers say of one tag at one moment. */
export type TagRuling = {
  /** null where no rule covers the tag. */
  readonly protection: Protection | null;
  /** All that are for the tag, whether live or not. */
  readonly waivers: readonly WaiverWindow[];
};

export function rulingOf(history: RuleHistory, waivers: WaiverBook, ref: TagRef, at: Instant): TagRuling {
  const interval = history.coverageOf(ref).findLast(({ from }) => from === null || from <= at);
  return { protection: interval?.protection ?? null, waivers: waivers.of(ref) };
}

/** Why a sealed digest must not be put back. */
export type Hindrance =
  /** No rule in force covers the tag: it is free. */
  | { readonly type: 'notCovered' }
  /** The rule in force reports such a change, or allows it, and has nothing put back. */
  | { readonly type: 'onlyAudits'; readonly rule: Protection['rule'] }
  /** A live waiver permits the change that stands. */
  | { readonly type: 'permitted'; readonly waiver: WaiverWindow };

export type WriteQuestion = {
  /** The kinds of the violations that the digest would be put back for. */
  readonly kinds: readonly KeptViolation['kind'][];
  /** What the tag was changed to; null where nothing stands wrong. */
  readonly change: SealedTagChange | null;
  /** How often the waivers were used for this tag. */
  readonly waiverUses: TagState['waiverUses'];
  /** A person asked for it, who may have something put back that the rule only reports. */
  readonly byHand: boolean;
};

/** What hinders putting the sealed digest back; null: nothing does. */
export function findHindrance({ protection, waivers }: TagRuling, question: WriteQuestion): Hindrance | null {
  if (protection === null) return { type: 'notCovered' };
  const isEnforced = protection.mode === 'enforce' && question.kinds.some((kind) => protection.protect.includes(kind));
  if (!isEnforced && !question.byHand) return { type: 'onlyAudits', rule: protection.rule };
  const waiver = question.change && findLiveWaiver(waivers, question.waiverUses, question.change);
  return waiver ? { type: 'permitted', waiver } : null;
}

/** The last change that stands, as if it happened now; null where none does. */
export function standingChange(violations: readonly KeptViolation[], now: Instant): SealedTagChange | null {
  const standing = violations.filter(({ end }) => end === null).sort((a, b) => comparePositions(a.event, b.event));
  const last = standing.at(-1);
  if (last === undefined) return null;
  return { kind: last.kind, digest: last.kind === 'deletion' ? null : last.foundDigest, at: now };
}
