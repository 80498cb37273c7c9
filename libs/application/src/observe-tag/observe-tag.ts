import { encodeRecorderMessage, TOPICS } from '#contracts';
import { formatTagRef, type Instant, instantOf } from '#domain';
import type { Log } from '../ports/log.js';
import type { MessageBus } from '../ports/message-bus.js';
import type { DueObservation, ObservationQueue } from '../ports/observation-queue.js';
import { type ManifestHead, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import { observationOf } from './observation.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;
/** A registry may notify before it writes the tag. */
const SECOND_LOOK_AFTER_MS = 3_000;

/** Asks the registry what a tag points at, and records the answer: the recorder seals it where a rule covers it. */
export class ObserveTag {
  constructor(
    private readonly queue: ObservationQueue,
    private readonly clients: RegistryClients,
    private readonly bus: MessageBus,
    private readonly log: Log,
    private readonly now: () => number,
  ) {}

  async observe(due: DueObservation): Promise<void> {
    try {
      // Before the question: what happens while it is answered comes after it, and is told with its own name.
      const at = instantOf(this.now());
      const head = await this.clients.get(due.registry).findManifestHead(due.repository, due.tag);
      await (due.hint === null ? this.tell(due, head, at) : this.tellOfHint(due, head, at));
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (due.attempts === 1)
        this.log.warn(`Cannot read what ${formatTagRef(due)} points at, so it is not recorded yet: ${error.message}`);
      await this.queue.postpone(due, Math.min(FIRST_RETRY_MS * 2 ** due.attempts, LONGEST_RETRY_MS));
    }
  }

  private async tell(due: DueObservation, head: ManifestHead | null, at: Instant): Promise<void> {
    const event = observationOf(due, head, at, due.hint);
    await this.bus.publish(TOPICS.registryEvents, [encodeRecorderMessage({ kind: 'event', event })]);
    await this.queue.finish(due);
  }

  /** Two looks: what the first one found is told at once, unless it found nothing; the second one tells what is new, and absence. */
  private async tellOfHint(due: DueObservation, head: ManifestHead | null, at: Instant): Promise<void> {
    const found = head?.digest ?? 'absent';
    if (due.seen !== null)
      return due.seen === found && head !== null ? this.queue.finish(due) : this.tell(due, head, at);
    if (head !== null) {
      const event = observationOf(due, head, at, due.hint);
      await this.bus.publish(TOPICS.registryEvents, [encodeRecorderMessage({ kind: 'event', event })]);
    }
    await this.queue.lookAgain(due, found, SECOND_LOOK_AFTER_MS);
  }
}
