import { encodeRecorderMessage, TOPICS } from '#contracts';
import {
  type CompiledRule,
  DomainError,
  instantOf,
  isTagName,
  protectionOf,
  type RegistryName,
  type RepositoryRef,
  type TagName,
} from '#domain';
import type { CurrentRules } from '../ports/current-rules.js';
import type { Log } from '../ports/log.js';
import type { MessageBus } from '../ports/message-bus.js';
import type { RecordedTag, RecordedTags } from '../ports/recorded-tags.js';
import { type RegistryClient, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { DueRepository, SweepRepositoryQueue } from '../ports/sweeps.js';
import { type Comparison, compareTags, unseen } from './compare-tags.js';
import { inChunks } from './in-chunks.js';
import { backoffMs, type SweepClock } from './sweep-clock.js';
import type { SweepEnd } from './sweep-end.js';

const CHUNK = 500;
const MAX_ATTEMPTS = 5;
const LONGEST_RETRY_MS = 60_000;
/** A registry that is down or asks for rest is left alone at least that long. */
const REST_MS = 15_000;
const LONGEST_REST_MS = 3_600_000;

/** Compares the covered tags of one repository with the record, and tells the recorder what differs. */
export class SweepRepository {
  private readonly inTrouble = new Set<RegistryName>();

  constructor(
    private readonly queue: SweepRepositoryQueue,
    private readonly recorded: RecordedTags,
    private readonly clients: RegistryClients,
    private readonly rules: CurrentRules,
    private readonly bus: MessageBus,
    private readonly end: SweepEnd,
    private readonly log: Log,
    private readonly clock: SweepClock,
    /** Told of each chunk: how many tags were checked, and how many differed. */
    private readonly onChecked: (registry: RegistryName, tags: number, differences: number) => void = () => undefined,
  ) {}

  /** Hands the repository back when the signal is aborted. */
  async sweep(due: DueRepository, signal: AbortSignal): Promise<void> {
    try {
      const unreadable = await this.compare(due, signal);
      this.inTrouble.delete(due.registry);
      await this.finish(due, unreadable);
    } catch (error) {
      if (signal.aborted) return this.queue.release(due);
      if (!(error instanceof DomainError)) throw error;
      await this.giveWay(due, error);
    }
  }

  /** Answers what is to be said of tags that could not be read; null where all could. */
  private async compare(due: DueRepository, signal: AbortSignal): Promise<string | null> {
    const { history } = await this.rules.upToDate();
    const inForce = history.rulesAt(instantOf(this.clock.now()));
    const client = this.clients.get(due.registry);
    let unreadable: string | null = null;
    let tags = 0;
    for await (const chunk of this.chunksOf(due, inForce, client)) {
      signal.throwIfAborted();
      const comparison = await compareTags(due, chunk, { client, recorded: this.recorded, clock: this.clock }, signal);
      await this.publish(comparison);
      tags += chunk.length;
      await this.queue.progress(due, tags, comparison);
      this.onChecked(due.registry, chunk.length, comparison.differences);
      unreadable ??= comparison.unreadable[0] ?? null;
    }
    return unreadable;
  }

  private async publish({ observed }: Comparison): Promise<void> {
    if (observed.length === 0) return;
    const messages = observed.map((event) => encodeRecorderMessage({ kind: 'event', event }));
    await this.bus.publish(TOPICS.registryEvents, messages);
  }

  /** First the tags that the record knows, which may be gone; then those of the registry that it does not. */
  private async *chunksOf(
    due: DueRepository,
    rules: readonly CompiledRule[],
    client: RegistryClient,
  ): AsyncGenerator<RecordedTag[]> {
    const repository = { registry: due.registry, repository: due.repository };
    const isCovered = (tag: TagName) => protectionOf(rules, { ...repository, tag }) !== null;
    if (!rules.some(({ rule, mayCoverRepository }) => rule.enabled && mayCoverRepository(repository))) return;
    yield* this.boundTags(repository, isCovered);
    for await (const names of inChunks(coveredNames(client.listTags(due.repository), isCovered), CHUNK)) {
      const known = new Map((await this.recorded.find(repository, names)).map((one) => [one.tag, one]));
      const unbound = names.map((tag) => known.get(tag) ?? unseen(tag)).filter(({ digest }) => digest === null);
      if (unbound.length > 0) yield unbound;
    }
  }

  private async *boundTags(
    repository: RepositoryRef,
    isCovered: (tag: TagName) => boolean,
  ): AsyncGenerator<RecordedTag[]> {
    for (let after = ''; ; ) {
      const page = await this.recorded.bound(repository, after, CHUNK);
      const covered = page.filter(({ tag }) => isCovered(tag));
      if (covered.length > 0) yield covered;
      const last = page.at(-1);
      if (last === undefined || page.length < CHUNK) return;
      after = last.tag;
    }
  }

  private async giveWay(due: DueRepository, error: DomainError): Promise<void> {
    const random = this.clock.random();
    const where = `${due.registry}/${due.repository}`;
    if (error.retriable && isOfWholeRegistry(error)) {
      if (!this.inTrouble.has(due.registry)) this.log.warn(`The sweep of ${due.registry} waits: ${error.message}`);
      this.inTrouble.add(due.registry);
      const asked = error instanceof RegistryError ? (error.retryAfterMs ?? 0) : 0;
      const restMs = Math.min(Math.max(asked, REST_MS), LONGEST_REST_MS) + REST_MS * random;
      await this.queue.hold(due, Math.round(restMs), error.message);
    } else if (error.retriable && due.attempts < MAX_ATTEMPTS) {
      await this.queue.postpone(due, backoffMs(due.attempts, LONGEST_RETRY_MS, random), error.message);
    } else {
      this.log.warn(`The sweep could not check ${where}: ${error.message}`);
      await this.finish(due, error.message);
    }
  }

  private async finish(due: DueRepository, error: string | null): Promise<void> {
    const finished = await this.queue.finish(due, error, this.end.nextInMs(due.registry));
    if (finished !== null) this.end.tell(finished);
  }
}

/** Down, asking for rest, or nothing of the registry at all but the bus: the next repository would fare no better. */
const isOfWholeRegistry = (error: DomainError): boolean =>
  !(error instanceof RegistryError) || error.code === 'REGISTRY_UNREACHABLE' || error.code === 'REGISTRY_BUSY';

async function* coveredNames(
  names: AsyncIterable<string>,
  isCovered: (tag: TagName) => boolean,
): AsyncGenerator<TagName> {
  for await (const name of names) if (isTagName(name) && isCovered(name)) yield name;
}
