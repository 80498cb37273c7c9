import type pg from 'pg';
import type { BatchHandler, BusRecord, Log, SubscriptionOptions, TransactionalQuery } from '#application';
import { messageOf } from '#domain';
import { backoffMs } from '../backoff.js';
import { PositionNotKeptError } from '../bus.errors.js';
import { consumeWithBisection } from '../consume-with-bisection.js';
import { sendDeadLetter, toDeadLetter } from '../dead-letter.js';
import {
  advance,
  type PartitionOfGroup,
  READ_POSITION,
  READ_RECORDS,
  type StoredRecord,
  toBusRecord,
} from './statements.js';
import { WakeUp } from './wake-up.js';

export type PartitionConsumerOptions = {
  readonly subscription: SubscriptionOptions;
  readonly partition: number;
  readonly handler: BatchHandler;
  readonly pool: pg.Pool;
  readonly log: Log;
  /** Bounds how many partitions work at the same time. */
  readonly inParallel: <T>(work: () => Promise<T>) => Promise<T>;
  /** Publishes a dead letter and moves the position in one transaction. */
  readonly deadLetter: (
    letter: ReturnType<typeof toDeadLetter>,
    move: (query: TransactionalQuery) => Promise<void>,
  ) => Promise<void>;
};

/** Takes one partition's records batch by batch, from the group's position on. */
export class PartitionConsumer {
  private readonly wakeUp = new WakeUp();
  private readonly of: PartitionOfGroup;
  private readonly query: TransactionalQuery;
  /** Undefined when only the database knows. */
  private position: bigint | undefined;
  private failures = 0;
  private stopped = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: PartitionConsumerOptions) {
    const { group, topic } = options.subscription;
    this.of = { group, topic, partition: options.partition };
    this.query = (text, values) => options.pool.query(text, values);
  }

  /** `after`: whoever held this partition before in this process, and may still be in its handler. */
  start(after: Promise<void>): void {
    this.running = after.then(() => this.run());
  }

  /** There may be records. */
  wake(): void {
    this.wakeUp.signal();
  }

  /** Takes no further batch; resolves when the running one has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wakeUp.end();
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      try {
        const more = await this.options.inParallel(() => this.step());
        this.failures = 0;
        if (!more) await this.wakeUp.wait();
      } catch (error) {
        this.position = undefined;
        if (this.failures === 0) this.sayThatItWaits(error);
        await this.wakeUp.sleep(backoffMs(this.failures));
        this.failures += 1;
      }
    }
  }

  /** True when there is probably more. */
  private async step(): Promise<boolean> {
    if (this.stopped) return false;
    this.wakeUp.reset();
    this.position ??= await this.readPosition();
    const { topic, batchSize } = this.options.subscription;
    const values = [topic, this.of.partition, String(this.position), batchSize];
    const { rows } = await this.options.pool.query<StoredRecord>({ name: 'bus-read', text: READ_RECORDS, values });
    if (rows.length === 0) return false;
    await consumeWithBisection(rows.map(toBusRecord), {
      handle: (records) => this.handle(records),
      deadLetter: (record, reason) => this.deadLetter(record, reason),
    });
    return rows.length === batchSize;
  }

  private async handle(records: readonly BusRecord[]): Promise<void> {
    const start = this.position!;
    const next = records.at(-1)!.offset + 1n;
    let reached: bigint | undefined;
    let failure: PositionNotKeptError | undefined;
    const commitWithin = async (query: TransactionalQuery, offset: bigint) => {
      try {
        await advance(query, this.of, start, offset + 1n);
        reached = offset + 1n;
      } catch (error) {
        failure = this.notKept(error);
        throw failure;
      }
    };
    const { topic, partition } = this.of;
    try {
      await this.options.handler({ topic, partition, records, commitWithin });
    } catch (error) {
      if (failure) throw failure;
      // Whether the handler's transaction has committed before this error is for the database to say.
      if (reached !== undefined && (await this.readPosition()) !== start) throw this.notKept(error);
      throw error;
    }
    if (reached !== next) await this.move(this.query, reached ?? start, next);
    this.position = next;
  }

  private async deadLetter(record: BusRecord, reason: unknown): Promise<void> {
    const start = this.position!;
    const letter = toDeadLetter(record, this.of, reason);
    await sendDeadLetter(letter, (sent) =>
      this.options.deadLetter(sent, (query) => this.move(query, start, record.offset + 1n)),
    );
    this.position = record.offset + 1n;
    const fields = { ...this.of, offset: String(record.offset), reason: messageOf(reason) };
    this.options.log.error('A record could not be handled and was moved to the dead-letter topic.', fields);
  }

  private async move(query: TransactionalQuery, from: bigint, to: bigint): Promise<void> {
    await advance(query, this.of, from, to).catch((error) => {
      throw this.notKept(error);
    });
  }

  /** Always retriable: that a position cannot be moved is never the fault of a record. */
  private notKept(error: unknown): PositionNotKeptError {
    const { group, topic, partition } = this.of;
    const where = `The position of "${group}" in ${topic}/${partition}`;
    return new PositionNotKeptError(`${where} was not moved: ${messageOf(error)}`, error);
  }

  private async readPosition(): Promise<bigint> {
    const { group, topic, partition } = this.of;
    const values = [group, topic, partition];
    const { rows } = await this.options.pool.query<{ next_offset: string }>(READ_POSITION, values);
    if (rows[0]) return BigInt(rows[0].next_offset);
    throw this.notKept('it is missing; the subscription makes it again.');
  }

  private sayThatItWaits(error: unknown): void {
    const fields = { ...this.of, reason: messageOf(error) };
    this.options.log.warn('A batch could not be handled for now; its partition waits and tries again.', fields);
  }
}
