import { CAUGHT_LIMITS, type CaughtView } from '#contracts';
import { type FoldedViolation, formatTagRef, type Instant, type TagRef } from '#domain';

type Tag = TagRef & { violations: number; actors: (string | null)[]; lastAt: Instant };
type Actor = { readonly actor: string | null; violations: number; tags: number };

/** What a rule would have caught, as an answer has it. */
export type Tally = Pick<
  CaughtView,
  'violations' | 'overwrites' | 'deletions' | 'uncertain' | 'waived' | 'tags' | 'actors' | 'truncated'
>;

/** Counts what a rule would have caught: which tags, which actors, how often. */
export class CatchTally {
  private readonly tags: Tag[] = [];
  private readonly actors = new Map<string | null, Actor>();
  private readonly counts = { violations: 0, overwrites: 0, deletions: 0, uncertain: 0, waived: 0 };

  /** Everything that was found of one tag, at once. */
  add({ registry, repository, tag }: TagRef, found: readonly FoldedViolation[]): void {
    const caught = found.filter((violation) => !wasPermitted(violation));
    this.counts.waived += found.length - caught.length;
    const last = caught.at(-1);
    if (last === undefined) return;
    for (const violation of caught) this.count(violation);
    const actors = [...new Set(caught.map(({ actor }) => actor))];
    for (const actor of actors) this.actorOf(actor).tags += 1;
    this.tags.push({
      ...{ registry, repository, tag },
      violations: caught.length,
      actors: actors.slice(0, CAUGHT_LIMITS.actorsOfTag),
      lastAt: last.event.occurredAt,
    });
  }

  result(): Tally {
    const tags = [...this.tags].sort((a, b) => byCount(a, b) || compare(formatTagRef(a), formatTagRef(b)));
    const actors = [...this.actors.values()].sort((a, b) => byCount(a, b) || compare(a.actor ?? '', b.actor ?? ''));
    return {
      ...this.counts,
      tags: tags.slice(0, CAUGHT_LIMITS.tags),
      actors: actors.slice(0, CAUGHT_LIMITS.actors),
      truncated: tags.length > CAUGHT_LIMITS.tags || actors.length > CAUGHT_LIMITS.actors,
    };
  }

  private count({ kind, actor, awaitingChildren }: FoldedViolation): void {
    this.counts.violations += 1;
    this.counts[kind === 'overwrite' ? 'overwrites' : 'deletions'] += 1;
    if (awaitingChildren) this.counts.uncertain += 1;
    this.actorOf(actor).violations += 1;
  }

  private actorOf(actor: string | null): Actor {
    const known = this.actors.get(actor) ?? { actor, violations: 0, tags: 0 };
    this.actors.set(actor, known);
    return known;
  }
}

/** The change itself, not one that a later waiver put right. */
const wasPermitted = ({ end, event }: FoldedViolation): boolean => end?.by === 'waived' && end.at.id === event.id;

const byCount = (a: { violations: number }, b: { violations: number }): number => b.violations - a.violations;
const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
