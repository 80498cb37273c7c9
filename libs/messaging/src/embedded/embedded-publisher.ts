import type pg from 'pg';
import type { Log, OutgoingMessage } from '#application';
import { messageOf } from '#domain';
import { Availability } from '../availability.js';
import { BusUnavailableError, MessageRejectedError, TopicUnknownError } from '../bus.errors.js';
import { type PublishEntry, PublishQueue } from '../publish-queue.js';
import { TOPIC_UNKNOWN } from './schema.js';
import { publishStatement } from './statements.js';

/** An HTTP handler waits for it, and answers 503 after it. */
const PUBLISH_DEADLINE_MS = 5000;
const MAX_FLUSH_BYTES = 1024 * 1024;
const MAX_QUEUED_BYTES = 64 * 1024 * 1024;

export class EmbeddedPublisher {
  private readonly queue: PublishQueue;
  private readonly availability: Availability;

  constructor(
    private readonly pool: pg.Pool,
    log: Log,
  ) {
    this.queue = new PublishQueue({
      flush: (entries) => this.flush(entries),
      deadlineMs: PUBLISH_DEADLINE_MS,
      maxFlushBytes: MAX_FLUSH_BYTES,
      maxQueuedBytes: MAX_QUEUED_BYTES,
    });
    this.availability = new Availability(log, {
      away: 'The embedded bus cannot reach its database; publishing is refused until it can.',
      back: 'The embedded bus takes messages again.',
    });
  }

  publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    return this.queue.publish(topic, messages);
  }

  drain(): Promise<void> {
    return this.queue.drain();
  }

  private async flush(entries: readonly PublishEntry[]): Promise<void> {
    try {
      await this.pool.query({ name: 'bus-publish', ...publishStatement(entries) });
      this.availability.up();
    } catch (error) {
      const explained = explainPublishError(error, entries);
      if (explained instanceof BusUnavailableError) this.availability.down(error);
      throw explained;
    }
  }
}

export function explainPublishError(error: unknown, entries: readonly PublishEntry[]): Error {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (code === TOPIC_UNKNOWN) {
    return new TopicUnknownError([...new Set(entries.map(({ topic }) => topic))].join(', '), error);
  }
  // Data exceptions (a NUL in a text) and exceeded limits: https://www.postgresql.org/docs/current/errcodes-appendix.html
  if (typeof code === 'string' && /^(22|54)/.test(code)) {
    return new MessageRejectedError(`PostgreSQL refuses a message: ${messageOf(error)}`, error);
  }
  return new BusUnavailableError(`The embedded bus does not take messages now: ${messageOf(error)}`, error);
}
