import { encodeRecorderMessage, TOPICS } from '#contracts';
import { DomainError, type Instant } from '#domain';
import type { MessageBus } from '../ports/message-bus.js';
import type { NotificationSources } from '../ports/notification-source.js';
import type { Receipt } from './receive-notification.js';

export type ReplayableNotification = {
  readonly registry: string;
  readonly contentType: string | null;
  readonly payload: Buffer;
};

/** A notification that still cannot be understood. */
export class NotUnderstoodError extends DomainError {
  constructor(reason: string) {
    super('NOTIFICATION_NOT_UNDERSTOOD', `The notification still cannot be understood: ${reason}`);
  }
}

/** Reads a rejected notification again, as a newer version may understand it, and records what it says. */
export class ReplayRejected {
  constructor(
    private readonly sources: NotificationSources,
    private readonly bus: MessageBus,
  ) {}

  async replay(rejected: ReplayableNotification, now: Instant): Promise<Receipt> {
    const source = this.sources.find(rejected.registry);
    if (source === null)
      throw new NotUnderstoodError(`no registry named "${rejected.registry}" is configured any more.`);
    const headers = rejected.contentType === null ? {} : { 'content-type': rejected.contentType };
    const understood = source.understand({ headers, body: rejected.payload }, now);
    const [problem] = understood.rejected;
    if (problem) throw new NotUnderstoodError(problem.reason);
    const messages = [
      ...understood.events.map((event) => encodeRecorderMessage({ kind: 'event', event })),
      ...understood.hints.map((hint) => encodeRecorderMessage({ kind: 'hint', hint })),
    ];
    if (messages.length > 0) await this.bus.publish(TOPICS.registryEvents, messages);
    return { accepted: messages.length, ignored: understood.ignored, rejected: 0 };
  }
}
