import pLimit from 'p-limit';
import { type Instant, instantOf, type Observed, type RepositoryRef, type TagName } from '#domain';
import { observationOf } from '../observe-tag/observation.js';
import type { RecordedTag, RecordedTags } from '../ports/recorded-tags.js';
import { type ManifestHead, type RegistryClient, RegistryError } from '../ports/registry-client.js';
import type { SweepClock } from './sweep-clock.js';

/** What comparing some tags has brought. */
export type Comparison = {
  readonly observed: readonly Observed[];
  /** Tags that point at something else than recorded; an observed tag that only lacks its seal is none. */
  readonly differences: number;
  /** Of these: tags that pointed at another digest, and tags that were gone. */
  readonly overwritten: number;
  readonly deleted: number;
  /** Why tags could not be read, one reason a tag. */
  readonly unreadable: readonly string[];
};

/** A notification may be on its way, or a restoration: what still differs after that long is told. */
export const SECOND_LOOK_AFTER_MS = 2_000;
const HEADS_AT_A_TIME = 8;
/** So many tags that cannot be read, and not one that can: it is not the tags. */
const ENOUGH_UNREADABLE = 20;

type Look = { readonly at: Instant; readonly head: ManifestHead | null };
type Looks = { readonly found: ReadonlyMap<TagName, Look>; readonly unreadable: readonly string[] };

/**
 * Compares what a registry says of covered tags with what is recorded. Whatever differs is looked at twice, in the registry and in the
 * record, before it counts. Throws the `RegistryError` that keeps all of them from being read.
 */
export async function compareTags(
  repository: RepositoryRef,
  tags: readonly RecordedTag[],
  { client, recorded, clock }: { client: RegistryClient; recorded: RecordedTags; clock: SweepClock },
  signal: AbortSignal,
): Promise<Comparison> {
  const look = (names: readonly TagName[]) => lookAt(client, repository, names, clock, signal);
  const first = await look(tags.map(({ tag }) => tag));
  const suspects = tags.filter((known) => isSuspect(known, first.found.get(known.tag))).map(({ tag }) => tag);
  if (suspects.length === 0) return { ...NOTHING_FOUND, unreadable: first.unreadable };
  await clock.sleep(SECOND_LOOK_AFTER_MS, signal);
  const second = await look(suspects);
  // After the registry, so that the record has had all the time there was.
  const now = new Map((await recorded.find(repository, suspects)).map((known) => [known.tag, known]));
  const standing = suspects
    .map((tag) => now.get(tag) ?? unseen(tag))
    .filter((known) => isSuspect(known, second.found.get(known.tag)));
  // A proxy whose registry is gone answers 404 to everything, and nobody has deleted a thing.
  if (standing.some(({ tag }) => second.found.get(tag)?.head === null)) await client.check();
  const differing = standing.filter((known) => differs(known, second.found.get(known.tag)));
  const changed = differing.filter(({ digest }) => digest !== null);
  const deleted = changed.filter(({ tag }) => second.found.get(tag)?.head === null).length;
  return {
    observed: standing.flatMap(({ tag }) => observedOf(repository, tag, second.found.get(tag))),
    differences: differing.length,
    overwritten: changed.length - deleted,
    deleted,
    unreadable: [...first.unreadable, ...second.unreadable],
  };
}

const NOTHING_FOUND = { observed: [], differences: 0, overwritten: 0, deleted: 0 } as const;

/** A tag that the record has never seen. */
export const unseen = (tag: TagName): RecordedTag => ({ tag, digest: null, isSealed: false });

const differs = ({ digest }: RecordedTag, look: Look | undefined): boolean =>
  look !== undefined && (look.head?.digest ?? null) !== digest;

/** Another digest, gone, come into being, or covered and not sealed. One that could not be read says nothing. */
const isSuspect = (known: RecordedTag, look: Look | undefined): boolean =>
  differs(known, look) || (look !== undefined && look.head !== null && !known.isSealed);

const observedOf = (repository: RepositoryRef, tag: TagName, look: Look | undefined): Observed[] =>
  look === undefined ? [] : [observationOf({ ...repository, tag }, look.head, look.at)];

async function lookAt(
  client: RegistryClient,
  { repository }: RepositoryRef,
  tags: readonly TagName[],
  clock: SweepClock,
  signal: AbortSignal,
): Promise<Looks> {
  const found = new Map<TagName, Look>();
  const unreadable: string[] = [];
  const limit = pLimit(HEADS_AT_A_TIME);
  const lookAtOne = async (tag: TagName) => {
    signal.throwIfAborted();
    // Before the question: a push that comes while it is answered is told with its own name and time.
    const at = instantOf(clock.now());
    try {
      found.set(tag, { at, head: await client.findManifestHead(repository, tag) });
    } catch (error) {
      if (!isOfOneTag(error) || (found.size === 0 && unreadable.length >= ENOUGH_UNREADABLE)) throw error;
      unreadable.push(error.message);
    }
  };
  await Promise.all(tags.map((tag) => limit(lookAtOne, tag)));
  return { found, unreadable };
}

/** Its manifest may be of a kind that nobody takes any more, or kept from everybody: the other tags can still be checked. */
const isOfOneTag = (error: unknown): error is RegistryError =>
  error instanceof RegistryError && !error.retriable && error.code !== 'REGISTRY_UNREACHABLE';
