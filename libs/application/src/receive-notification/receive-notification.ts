import { encodeRecorderMessage, type RecorderMessage, TOPICS } from '#contracts';
import { DomainError, deriveId, type Instant } from '#domain';
import type { MessageBus } from '../ports/message-bus.js';
import type { NotificationSource, Understood, WebhookRequest } from '../ports/notification-source.js';

export type Receipt = { readonly accepted: number; readonly ignored: number; readonly rejected: number };
/** What to answer instead of a receipt, where a sender wants to see that somebody listens. */
export type HandshakeReply = Readonly<Record<string, unknown>>;

/** Visits an address that a sender named to be confirmed. Rejects with a retriable error. */
export type Visit = (url: URL) => Promise<void>;

/** Told what a notification held, for the metrics. */
export type ReceiptObserver = (registry: string, understood: Understood) => void;

/** Makes a notification of a known sender durable. Resolves only then; rejects with the bus's retriable error. */
export class ReceiveNotification {
  constructor(
    private readonly bus: MessageBus,
    private readonly visit: Visit,
    private readonly observe: ReceiptObserver = () => undefined,
  ) {}

  async receive(
    source: NotificationSource,
    request: WebhookRequest,
    receivedAt: Instant,
  ): Promise<Receipt | HandshakeReply> {
    const understood = source.understand(request, receivedAt);
    const contentType = headerOf(request, 'content-type');
    const messages: RecorderMessage[] = [
      ...understood.events.map((event) => ({ kind: 'event', event }) as const),
      ...understood.hints.map((hint) => ({ kind: 'hint', hint }) as const),
      ...understood.rejected.map(({ reason, payload }) =>
        rejectedMessage(source, reason, payload, contentType, receivedAt),
      ),
    ];
    if (messages.length > 0) await this.publish(messages);
    this.observe(source.registry, understood);
    const { events, hints, handshake, ignored, rejected } = understood;
    if (handshake?.type === 'reply') return handshake.body;
    if (handshake?.type === 'visit') await this.visit(handshake.url);
    return { accepted: events.length + hints.length, ignored, rejected: rejected.length };
  }

  /** A topic of somebody else's making may take less than a notification can hold; refusing it would block the sender for ever. */
  private async publish(messages: readonly RecorderMessage[]): Promise<void> {
    try {
      await this.bus.publish(TOPICS.registryEvents, messages.map(encodeRecorderMessage));
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'MESSAGE_REJECTED') throw error;
      await this.bus.publish(TOPICS.registryEvents, messages.map(slim).map(encodeRecorderMessage));
    }
  }
}

/** Enough to see what it was. */
const KEPT_OF_TOO_LARGE = 256 * 1024;

/** Without what can be done without: a manifest can be fetched, and of rubbish the beginning tells the most. */
function slim(message: RecorderMessage): RecorderMessage {
  if (message.kind === 'event' && message.event.type === 'pushed') {
    const { manifest: _, ...event } = message.event;
    return { kind: 'event', event };
  }
  if (message.kind !== 'rejected') return message;
  const payload = Buffer.from(message.rejected.payload, 'base64').subarray(0, KEPT_OF_TOO_LARGE).toString('base64');
  const reason = `${message.rejected.reason} Only its beginning is kept: the bus takes no larger message.`;
  return { kind: 'rejected', rejected: { ...message.rejected, payload, reason } };
}

function rejectedMessage(
  source: NotificationSource,
  reason: string,
  payload: string,
  contentType: string | null,
  receivedAt: Instant,
): RecorderMessage {
  // The same rubbish sent again, as a sender does that saw no answer, is kept once.
  const id = deriveId('rejected', source.registry, payload);
  const rejected = {
    id,
    registry: source.registry,
    receivedAt,
    reason,
    contentType,
    payload: Buffer.from(payload).toString('base64'),
  };
  return { kind: 'rejected', rejected };
}

function headerOf({ headers }: WebhookRequest, name: string): string | null {
  const value = headers[name];
  return (typeof value === 'string' ? value : value?.[0])?.slice(0, 200) ?? null;
}
