import type { DataSource } from 'typeorm';
import type { Log, MessageBus, OutgoingMessage } from '#application';
import { messageOf } from '#domain';
import type { PgListener } from '../pg-listener.js';
import { CHANNELS } from '../record/channels.js';

type OutboxRow = { id: string; topic: string; key: string; value: Buffer; headers: Record<string, string> };

/** One relay at a time publishes, so that messages leave in the order they were written. */
const RELAY_LOCK = 7_249_103;
const BATCH = 500;
const LOOK_EVERY_MS = 5_000;

/** Publishes what transactions have queued: at least once, in order, and only what has committed. */
export class OutboxRelay {
  private stopped = false;
  private awake = false;
  private wakeUp: () => void = () => undefined;
  private loop: Promise<void> = Promise.resolve();
  private stopListening: () => void = () => undefined;
  private isFailing = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly bus: MessageBus,
    private readonly listener: PgListener,
    private readonly log: Log,
  ) {}

  start(): void {
    this.stopListening = this.listener.on(CHANNELS.outbox, () => this.wake());
    this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.stopListening();
    this.stopped = true;
    this.wake();
    await this.loop;
  }

  private wake(): void {
    this.awake = true;
    this.wakeUp();
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      this.awake = false;
      const published = await this.relaySome();
      if (published < BATCH && !this.awake && !this.stopped) await this.sleep();
    }
    await this.relaySome();
  }

  private async relaySome(): Promise<number> {
    try {
      const count = await this.relay();
      if (this.isFailing) this.log.info('Queued messages are published again.');
      this.isFailing = false;
      return count;
    } catch (error) {
      if (!this.isFailing) this.log.warn(`Queued messages cannot be published now, and are kept: ${messageOf(error)}`);
      this.isFailing = true;
      return 0;
    }
  }

  /** The rows go when the bus has them: should this fail in between, they are published again, with the same ids. */
  private relay(): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const [lock] = (await manager.query('SELECT pg_try_advisory_xact_lock($1) AS mine', [RELAY_LOCK])) as {
        mine: boolean;
      }[];
      if (!lock?.mine) return 0;
      const rows = (await manager.query('SELECT id, topic, key, value, headers FROM outbox ORDER BY id LIMIT $1', [
        BATCH,
      ])) as OutboxRow[];
      for (const [topic, messages] of byTopic(rows)) await this.bus.publish(topic, messages);
      if (rows.length > 0)
        await manager.query('DELETE FROM outbox WHERE id = ANY($1::bigint[])', [rows.map(({ id }) => id)]);
      return rows.length;
    });
  }

  private sleep(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_EVERY_MS);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function byTopic(rows: readonly OutboxRow[]): Map<string, OutgoingMessage[]> {
  const topics = new Map<string, OutgoingMessage[]>();
  for (const { topic, ...message } of rows) {
    const known = topics.get(topic);
    if (known) known.push(message);
    else topics.set(topic, [message]);
  }
  return topics;
}
