import { createHash } from 'node:crypto';
import {
  addMs,
  type Digest,
  deriveId,
  type Instant,
  instantOf,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type TagName,
  type TimelineEvent,
} from '#domain';

export const MIXES = {
  realistic:
    '40 % first pushes of new tags, 30 % pushes of a known tag’s own digest, 10 % overwrites of unprotected tags, 15 % untagged child manifests, 5 % deletions of unprotected tags (by digest: the manifest’s event, then the tag’s); 2,000 repositories, half of them covered by the rule, two thirds of their tags too',
  newTags: 'first pushes of new tags only; 2,000 repositories, half of them covered, two thirds of their tags too',
} as const;
export type Mix = keyof typeof MIXES;

const REGISTRY = parseRegistryName('local');
const REPOSITORIES = 2_000;
const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';
const SPACING_MS = 10;

type LiveTag = { readonly repository: number; readonly tag: TagName; readonly mediaType: string; digest: Digest };

/** The same events every time, in the order that they happened; a repository's own are never out of order. */
export function* eventsOf(mix: Mix, count: number): Generator<TimelineEvent> {
  const history = new History(mix, instantOf(Date.now() - count * SPACING_MS - 60_000));
  for (let made = 0; made < count; ) {
    for (const event of history.next()) {
      if (made < count) yield event;
      made += 1;
    }
  }
}

class History {
  private readonly random = mulberry32(20_261_122);
  private readonly isProtected: LiveTag[] = [];
  private readonly unprotected: LiveTag[] = [];
  private made = 0;

  constructor(
    private readonly mix: Mix,
    private readonly start: Instant,
  ) {}

  next(): TimelineEvent[] {
    const share = this.random();
    if (this.mix === 'newTags' || share < 0.4 || this.unprotected.length < 100) return [this.pushNewTag()];
    if (share < 0.7) return [this.pushed(this.pick(this.random() < 0.4 ? this.isProtected : this.unprotected))];
    if (share < 0.8) return [this.overwrite(this.pick(this.unprotected))];
    if (share < 0.95) return [this.pushChild()];
    // One deletion in two events; so half as many of them.
    return share < 0.975 ? this.delete() : [this.pushNewTag()];
  }

  private pushNewTag(): TimelineEvent {
    const repository = Math.floor(this.random() * REPOSITORIES);
    const isRelease = this.random() < 0.67;
    const tag = parseTagName(`${isRelease ? 'v1.0.' : 'build-'}${this.made}`);
    const mediaType = this.random() < 0.3 ? INDEX : IMAGE;
    const live = { repository, tag, mediaType, digest: this.newDigest() };
    (isCovered(repository) && isRelease ? this.isProtected : this.unprotected).push(live);
    return this.pushed(live);
  }

  private overwrite(live: LiveTag): TimelineEvent {
    live.digest = this.newDigest();
    return this.pushed(live);
  }

  private pushChild(): TimelineEvent {
    const repository = Math.floor(this.random() * REPOSITORIES);
    const digest = this.newDigest();
    return { ...this.base(repository), type: 'pushed', tag: null, digest, mediaType: IMAGE };
  }

  private delete(): TimelineEvent[] {
    const index = Math.floor(this.random() * this.unprotected.length);
    const { repository, digest, tag } = this.unprotected[index]!;
    this.unprotected[index] = this.unprotected.at(-1)!;
    this.unprotected.pop();
    return [
      { ...this.base(repository), type: 'manifestDeleted', digest },
      { ...this.base(repository), type: 'tagDeleted', tag },
    ];
  }

  private pushed({ repository, tag, digest, mediaType }: LiveTag): TimelineEvent {
    return { ...this.base(repository), type: 'pushed', tag, digest, mediaType };
  }

  private base(repository: number) {
    this.made += 1;
    const sourceId = uuidOf(`event ${this.made}`);
    const occurredAt = addMs(this.start, this.made * SPACING_MS);
    return {
      id: deriveId('event', REGISTRY, 'distribution', sourceId),
      registry: REGISTRY,
      repository: parseRepositoryName(`${isCovered(repository) ? 'acme' : 'team'}/service-${repository}`),
      actor: this.made % 3 === 0 ? null : `ci-${repository % 50}`,
      occurredAt,
      receivedAt: addMs(occurredAt, 4),
      source: 'distribution',
      sourceId,
      claims: {
        userAgent: 'containers/5.23.1 (github.com/containers/image)',
        address: `10.2.${repository % 200}.17:${40_000 + (this.made % 20_000)}`,
        requestId: uuidOf(`request ${this.made}`),
        instanceId: '40e7480d-fea6-4ab3-99cd-5a0a25008de8',
      },
    };
  }

  private pick(from: readonly LiveTag[]): LiveTag {
    return from[Math.floor(this.random() * from.length)]!;
  }

  private newDigest(): Digest {
    return `sha256:${createHash('sha256').update(`manifest ${this.made}`).digest('hex')}` as Digest;
  }
}

const isCovered = (repository: number): boolean => repository % 2 === 0;

function uuidOf(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Small and seeded: every run, on every machine, records the same. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** At most `size` at a time. */
export function* batchesOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
