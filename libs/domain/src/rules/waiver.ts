import type { Instant } from '../instant.js';
import { type Digest, formatTagRef, type TagRef } from '../names.js';
import type { ViolationKind } from '../violation.js';
import { compileRule } from './compile-rule.js';
import { RecentAnswers } from './recent-answers.js';
import { PROTECTIONS, type RuleDefinition } from './rule.js';

/** A time-boxed, reasoned permission to change sealed tags, as people write it. The tags are selected as a rule selects them. */
export type WaiverDefinition = Pick<RuleDefinition, 'registries' | 'repositories' | 'tags'> & {
  /** Default: both. */
  readonly permit?: readonly ViolationKind[] | undefined;
  /** Only a change to this digest is permitted; then no deletion is. Default: any. */
  readonly digest?: Digest | undefined;
  /** How often each tag may be changed. Default: as often as the time allows. */
  readonly uses?: number | undefined;
};

/** A permission while it was live: from `from` until before `until`. */
export type WaiverWindow = {
  readonly id: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly permit: readonly ViolationKind[];
  readonly digest: Digest | null;
  readonly uses: number | null;
};

/** A waiver that was live once, or will be, and the tags that it is for. */
export type CompiledWaiver = { readonly window: WaiverWindow; covers(ref: TagRef): boolean };

/** Throws `RuleMalformedError` with every problem of the selectors. */
export function compileWaiver(
  definition: WaiverDefinition,
  live: { readonly id: string; readonly from: Instant; readonly until: Instant },
): CompiledWaiver {
  const { registries, repositories, tags, permit, digest, uses } = definition;
  const selector = compileRule({ name: `waiver ${live.id}`, registries, repositories, tags });
  const kinds = PROTECTIONS.filter((kind) => permit?.includes(kind) ?? true);
  return {
    window: {
      ...live,
      permit: digest === undefined ? kinds : kinds.filter((kind) => kind === 'overwrite'),
      digest: digest ?? null,
      uses: uses ?? null,
    },
    covers: (ref) => selector.covers(ref),
  };
}

/** What a sealed tag was changed to; digest null: it was deleted. */
export type SealedTagChange = { readonly kind: ViolationKind; readonly digest: Digest | null; readonly at: Instant };

/** Whether the waiver permits the change, were it not used up. */
const permits = (waiver: WaiverWindow, { kind, digest, at }: SealedTagChange): boolean =>
  waiver.from <= at &&
  at < waiver.until &&
  waiver.permit.includes(kind) &&
  (waiver.digest === null || waiver.digest === digest);

/** The waiver that permits the change and is not used up; `used`: how often each was used for the tag. */
export const findLiveWaiver = (
  waivers: readonly WaiverWindow[],
  used: Readonly<Record<string, number>> | null,
  change: SealedTagChange,
): WaiverWindow | null =>
  waivers.find(
    (waiver) => permits(waiver, change) && (waiver.uses === null || (used?.[waiver.id] ?? 0) < waiver.uses),
  ) ?? null;

const NONE: readonly WaiverWindow[] = [];
const REMEMBERED = 10_000;

/** All waivers that were ever live, or will be. Immutable, but for the answers it remembers. */
export class WaiverBook {
  private readonly remembered = new RecentAnswers<readonly WaiverWindow[]>(REMEMBERED);

  constructor(private readonly waivers: readonly CompiledWaiver[]) {}

  /** The tag's waivers, by when they began; the same list every time. */
  of(ref: TagRef): readonly WaiverWindow[] {
    if (this.waivers.length === 0) return NONE;
    const key = formatTagRef(ref);
    const known = this.remembered.get(key);
    if (known) return known;
    const windows = this.waivers.filter((waiver) => waiver.covers(ref)).map(({ window }) => window);
    windows.sort((a, b) => (a.from !== b.from ? (a.from < b.from ? -1 : 1) : a.id < b.id ? -1 : 1));
    const answer = windows.length === 0 ? NONE : windows;
    this.remembered.set(key, answer);
    return answer;
  }
}

export const NO_WAIVERS = new WaiverBook([]);
