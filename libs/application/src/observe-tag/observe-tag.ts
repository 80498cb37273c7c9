import { encodeRecorderMessage, TOPICS } from '#contracts';
import { deriveId, formatTagRef, instantOf, type Observed } from '#domain';
import type { Log } from '../ports/log.js';
import type { MessageBus } from '../ports/message-bus.js';
import type { DueObservation, ObservationQueue } from '../ports/observation-queue.js';
import { type RegistryClients, RegistryError } from '../ports/registry-client.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 300_000;

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
      const head = await this.clients.get(due.registry).findManifestHead(due.repository, due.tag);
      const event = this.eventOf(due, head);
      await this.bus.publish(TOPICS.registryEvents, [encodeRecorderMessage({ kind: 'event', event })]);
      await this.queue.finish(due);
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (due.attempts === 1)
        this.log.warn(`Cannot read what ${formatTagRef(due)} points at, so it is not sealed yet: ${error.message}`);
      await this.queue.postpone(due, Math.min(FIRST_RETRY_MS * 2 ** due.attempts, LONGEST_RETRY_MS));
    }
  }

  private eventOf(
    { registry, repository, tag, tagId }: DueObservation,
    head: Pick<Observed, 'digest' | 'mediaType'> | null,
  ): Observed {
    const at = instantOf(this.now());
    const sourceId = `${tagId} ${at}`;
    return {
      type: 'observed',
      id: deriveId('event', 'sweeper', sourceId),
      ...{ registry, repository, tag },
      digest: head?.digest ?? null,
      mediaType: head?.mediaType ?? null,
      actor: null,
      occurredAt: at,
      receivedAt: at,
      source: 'sweeper',
      sourceId,
      claims: {},
    };
  }
}
