import type { Instant } from '../instant.js';
import { formatTagRef, type TagRef } from '../names.js';
import type { EventId, Observed, TimelineEvent } from '../registry-event.js';
import type { CompiledRule, CoverageInterval, Protection, Rule, WaiverWindow } from '../rules/index.js';
import { type FoldContext, foldTag } from './fold-tag.js';
import { type Binding, EMPTY_TAG, type FoldedViolation } from './tag-state.js';

/** A time from `from` until before `to`. */
export type ReplayWindow = { readonly from: Instant; readonly to: Instant };

/** What a replay is told about the world beside the events. */
export type ReplayContext = Omit<FoldContext, 'subject' | 'coverage' | 'until'> & {
  readonly ref: TagRef;
  /** In force during the window, and nothing else; null: the tag is open, and nothing can be caught. */
  readonly protection: Protection | null;
  readonly window: ReplayWindow;
};

/** The protection that a rule gives a tag by itself, were it switched on; null where it does not cover the tag. */
export const protectionBy = (compiled: CompiledRule, ref: TagRef): Protection | null =>
  compiled.covers(ref) ? protectionOfRule(compiled.rule) : null;

/** A replay writes nowhere, so it guards nothing. */
const protectionOfRule = ({ id, name, mode, protect }: Rule): Protection => ({
  rule: { id, name },
  mode,
  protect,
  guard: false,
});

/**
 * What a rule would have found, had it been switched on when the window begins: the tag is sealed to what it points at then, as the
 * service does by asking the registry. `events` is the tag's whole timeline, in order and without doubles.
 */
export function replayTag(events: readonly TimelineEvent[], context: ReplayContext): readonly FoldedViolation[] {
  const { from } = context.window;
  const earlier = events.filter(({ occurredAt }) => occurredAt < from);
  const { binding } = foldTag(EMPTY_TAG, earlier, foldContextOf(context, OPEN, [], from)).state;
  return replayWindow(binding, events.slice(earlier.length), context);
}

/** The same from what the tag pointed at when the window begins, and the events since. Those after the window are not looked at. */
export function replayWindow(
  binding: Binding | null,
  events: readonly TimelineEvent[],
  context: ReplayContext,
): readonly FoldedViolation[] {
  const { ref, protection, waivers, window } = context;
  if (protection === null) return [];
  const sealing = binding === null ? [] : [observationOf(binding, ref, window.from)];
  const within = events.filter(({ occurredAt }) => occurredAt < window.to);
  const coverage = [...OPEN, { from: window.from, protection }];
  const begun = waivers.filter(({ from }) => from < window.to);
  const start = { ...EMPTY_TAG, binding, foldedTo: binding?.bound ?? null };
  return foldTag(start, [...sealing, ...within], foldContextOf(context, coverage, begun, window.to)).violations;
}

const OPEN: readonly CoverageInterval[] = [{ from: null, protection: null }];

function foldContextOf(
  { ref, protection: _, window: __, ...world }: ReplayContext,
  coverage: readonly CoverageInterval[],
  waivers: readonly WaiverWindow[],
  until: Instant,
): FoldContext {
  return { ...world, subject: formatTagRef(ref), coverage, waivers, until };
}

/** Before every event of its time. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000' as EventId;

const observationOf = ({ digest, mediaType }: Binding, ref: TagRef, at: Instant): Observed => ({
  type: 'observed',
  id: FIRST_ID,
  ...{ registry: ref.registry, repository: ref.repository, tag: ref.tag },
  digest,
  mediaType,
  actor: null,
  occurredAt: at,
  receivedAt: at,
  source: 'replay',
  sourceId: '',
  claims: {},
});
