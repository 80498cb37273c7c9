import type { OutgoingMessage } from '#application';
import { BusUnavailableError } from './bus.errors.js';

export type PublishEntry = { readonly topic: string; readonly messages: readonly OutgoingMessage[] };

type Waiting = PublishEntry & {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Set once its caller has been answered; such an entry is not sent any more. */
  settled: boolean;
};

export type PublishQueueOptions = {
  /** Makes all entries durable in one request, or none. A BusUnavailableError concerns all of them, another error perhaps only one. */
  readonly flush: (entries: readonly PublishEntry[]) => Promise<void>;
  /** A caller is answered within this time, whatever happens. */
  readonly deadlineMs: number;
  readonly maxFlushBytes: number;
  readonly maxQueuedBytes: number;
};

/** Room for the record's frame, so that many tiny messages do not count as none. */
const OVERHEAD_BYTES = 64;

/**
 * Carries concurrent publishes in few requests: while a flush is under way the others queue, and the next flush takes all of them. Only
 * one flush runs at a time, which is what keeps the messages of a key in order.
 */
export class PublishQueue {
  private waiting: Waiting[] = [];
  private queuedBytes = 0;
  private running: Promise<void> | undefined;

  constructor(private readonly options: PublishQueueOptions) {}

  async publish(topic: string, messages: readonly OutgoingMessage[]): Promise<void> {
    const parts = this.split(messages);
    await Promise.all(parts.map(({ messages, bytes }) => this.enqueue(topic, messages, bytes)));
  }

  /** Resolves when everything published so far has been answered. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
  }

  private split(messages: readonly OutgoingMessage[]): { messages: OutgoingMessage[]; bytes: number }[] {
    const parts: { messages: OutgoingMessage[]; bytes: number }[] = [];
    for (const message of messages) {
      const bytes = sizeOf(message);
      const last = parts.at(-1);
      if (last && last.bytes + bytes <= this.options.maxFlushBytes) {
        last.messages.push(message);
        last.bytes += bytes;
      } else {
        parts.push({ messages: [message], bytes });
      }
    }
    return parts;
  }

  private enqueue(topic: string, messages: readonly OutgoingMessage[], bytes: number): Promise<void> {
    if (this.queuedBytes > 0 && this.queuedBytes + bytes > this.options.maxQueuedBytes) {
      const limit = `${Math.round(this.options.maxQueuedBytes / 1024 / 1024)} MiB`;
      return Promise.reject(
        new BusUnavailableError(`The bus is behind: ${limit} wait to be published. Try again later.`),
      );
    }
    this.queuedBytes += bytes;
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => entry.reject(this.tooLate()), this.options.deadlineMs);
      const settle = (answer: () => void) => {
        if (entry.settled) return;
        entry.settled = true;
        clearTimeout(timer);
        answer();
      };
      const entry: Waiting = {
        topic,
        messages,
        bytes,
        settled: false,
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      this.waiting.push(entry);
      this.running ??= this.run();
    });
  }

  private tooLate(): BusUnavailableError {
    return new BusUnavailableError(`The bus did not confirm a message within ${this.options.deadlineMs} ms.`);
  }

  private async run(): Promise<void> {
    // One turn of the event loop, so that requests which arrived together leave together.
    await new Promise((resolve) => setImmediate(resolve));
    for (let entries = this.take(); entries.length > 0; entries = this.take()) await this.send(entries);
    this.running = undefined;
  }

  private take(): Waiting[] {
    const taken: Waiting[] = [];
    let bytes = 0;
    let next = 0;
    for (; next < this.waiting.length; next += 1) {
      const entry = this.waiting[next]!;
      const full = taken.length > 0 && bytes + entry.bytes > this.options.maxFlushBytes;
      if (full) break;
      this.queuedBytes -= entry.bytes;
      if (entry.settled) continue;
      bytes += entry.bytes;
      taken.push(entry);
    }
    this.waiting = this.waiting.slice(next);
    return taken;
  }

  private async send(entries: readonly Waiting[]): Promise<void> {
    try {
      await this.options.flush(entries);
      for (const entry of entries) entry.resolve();
    } catch (error) {
      const blameable = entries.length === 1 || error instanceof BusUnavailableError;
      if (blameable) for (const entry of entries) entry.reject(error);
      else for (const entry of entries) await this.send([entry]);
    }
  }
}

function sizeOf(message: OutgoingMessage): number {
  let bytes = OVERHEAD_BYTES + message.value.length + message.key.length;
  for (const [name, value] of Object.entries(message.headers ?? {})) bytes += name.length + value.length;
  return bytes;
}
