import { type CaughtView, encodeCursor } from '#contracts';
import { type CompiledRule, protectionBy, type ReplayWindow, replayWindow, type WaiverBook } from '#domain';
import type { ReplayableRecord, TagPosition, TagSelection, WindowPage } from '../ports/rule-replay.js';
import { CatchTally } from './catch-tally.js';

/** The most that one call looks at; who wants more goes on with the cursor. */
export const REPLAY_LIMITS = { tags: 20_000, events: 50_000 } as const;

export type Replay = {
  readonly rule: CompiledRule;
  readonly selection: TagSelection;
  readonly waivers: WaiverBook;
  readonly settleMs: number;
  readonly window: ReplayWindow;
  readonly after: TagPosition | null;
};

/** Replays a rule over the recorded history, tag by tag, until everything or enough was looked at. */
export async function replayRule(
  record: ReplayableRecord,
  replay: Replay,
  limits: { readonly tags: number; readonly events: number } = REPLAY_LIMITS,
): Promise<CaughtView> {
  const { from, to } = replay.window;
  const tally = new CatchTally();
  const looked = { tags: 0, covered: 0, events: 0 };
  let end: TagPosition | null = null;
  for await (const page of record.walk(replay.selection, replay.window, replay.after)) {
    looked.tags += page.examined;
    looked.covered += page.covered;
    looked.events += page.windows.reduce((sum, { events }) => sum + events.length, 0);
    replayPage(page, replay, tally);
    end = page.end;
    if (looked.tags >= limits.tags || looked.events >= limits.events) break;
  }
  return {
    ...{ from, to },
    complete: end === null,
    examinedTags: looked.tags,
    coveredTags: looked.covered,
    ...tally.result(),
    nextCursor: end === null ? null : encodeCursor(end),
  };
}

function replayPage({ windows, children }: WindowPage, replay: Replay, tally: CatchTally): void {
  for (const { ref, binding, events } of windows) {
    const found = replayWindow(binding, events, {
      ref,
      protection: protectionBy(replay.rule, ref),
      window: replay.window,
      waivers: replay.waivers.of(ref),
      settleMs: replay.settleMs,
      childrenOf: (digest) => children.get(digest) ?? null,
    });
    tally.add(ref, found);
  }
}
