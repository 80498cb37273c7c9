import pLimit from 'p-limit';
import type { Subscription } from '#application';
import { Availability } from '../availability.js';
import { isRetriable } from '../is-retriable.js';
import { PartitionConsumer, type PartitionConsumerOptions } from './partition-consumer.js';
import { PartitionLocks } from './partition-locks.js';
import type { Session, SessionListener } from './session.js';
import { CREATE_POSITIONS } from './statements.js';

/**
 * How soon the partitions of a process that died are found (one that stops in order says so), and a record whose notification was missed
 * (there should be none).
 */
const ROUND_MS = 1000;

const PARTITIONS = `SELECT p.partition, s.next_offset IS NULL AS new, s.next_offset < p.next_offset AS behind
  FROM bus_partition p
  LEFT JOIN bus_position s ON s.consumer_group = $1 AND s.topic = p.topic AND s.partition = p.partition
 WHERE p.topic = $2 ORDER BY p.partition`;

type Partition = { partition: number; new: boolean; behind: boolean | null };

type Owned = { readonly consumer: PartitionConsumer; leaving: boolean };

export type EmbeddedSubscriptionOptions = Omit<PartitionConsumerOptions, 'partition' | 'inParallel'> & {
  readonly partitionsInParallel: number;
};

/** Owns a fair share of a topic's partitions: ceil(partitions / members), so that no partition is left over. */
export class EmbeddedSubscription implements Subscription, SessionListener {
  private readonly locks: PartitionLocks;
  private readonly owned = new Map<number, Owned>();
  /** Consumers that lost their partition with the session and may still be in their handler. */
  private readonly former = new Map<number, Promise<void>>();
  private readonly inParallel: PartitionConsumerOptions['inParallel'];
  private readonly timer: NodeJS.Timeout;
  private readonly availability: Availability;
  private roundDue = false;
  private entered = false;
  private stopped = false;

  constructor(
    private readonly session: Session,
    private readonly options: EmbeddedSubscriptionOptions,
  ) {
    const { group, topic } = options.subscription;
    this.locks = new PartitionLocks(session, group, topic);
    this.inParallel = pLimit(options.partitionsInParallel);
    const sentences = {
      away: `The consumer "${group}" of ${topic} cannot share out its partitions; it tries again each second.`,
      back: `The consumer "${group}" of ${topic} shares out its partitions again.`,
    };
    this.availability = new Availability(options.log, sentences, { topic, group });
    this.timer = setInterval(() => this.scheduleRound(), ROUND_MS);
    session.add(this);
  }

  onUp(): void {
    this.scheduleRound();
  }

  onDown(): void {
    this.entered = false;
    for (const [partition, { consumer }] of this.owned) {
      const before = this.former.get(partition);
      this.former.set(
        partition,
        Promise.all([before, consumer.stop()]).then(() => {}),
      );
    }
    this.owned.clear();
  }

  onNotification(payload: string): void {
    if (payload === '') this.scheduleRound();
    const separator = payload.lastIndexOf(':');
    if (payload.slice(0, separator) !== this.options.subscription.topic) return;
    this.owned.get(Number(payload.slice(separator + 1)))?.consumer.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.session.inTurn(async () => {});
    const leaving = [...this.owned].map(([partition, owned]) => this.release(partition, owned));
    await Promise.all([...leaving, ...this.former.values()]);
    this.session.remove(this);
    // Without a session there is nothing to give back.
    if (this.entered) await this.locks.leave().catch(() => {});
  }

  private scheduleRound(): void {
    if (this.roundDue || this.stopped || !this.session.isUp()) return;
    this.roundDue = true;
    const round = this.session.inTurn(async () => {
      this.roundDue = false;
      if (!this.stopped) await this.round();
    });
    round.then(
      () => this.availability.up(),
      (error) => {
        // After a lost connection or a timeout nobody knows which locks the session holds: a new one holds none.
        if (isRetriable(error)) this.session.drop(error);
        else this.availability.down(error);
      },
    );
  }

  private async round(): Promise<void> {
    const { group, topic, from } = this.options.subscription;
    if (!this.entered) {
      await this.locks.enter();
      this.entered = true;
    }
    const partitions = await this.session.query<Partition>(PARTITIONS, [group, topic]);
    if (partitions.some((partition) => partition.new)) {
      await this.session.query(CREATE_POSITIONS, [group, topic, from === 'latest']);
    }
    await this.shareOut(partitions);
    for (const { partition, behind } of partitions) if (behind) this.owned.get(partition)?.consumer.wake();
  }

  private async shareOut(partitions: readonly Partition[]): Promise<void> {
    const { members, taken } = await this.locks.census();
    const share = Math.ceil(partitions.length / Math.max(1, members));
    const kept = [...this.owned].filter(([, owned]) => !owned.leaving);
    for (const [partition, owned] of kept.slice(share)) void this.release(partition, owned);
    let room = share - kept.length;
    for (const { partition } of partitions) {
      if (room <= 0) return;
      if (taken.has(partition) || !(await this.locks.take(partition))) continue;
      this.own(partition);
      room -= 1;
    }
  }

  private own(partition: number): void {
    const consumer = new PartitionConsumer({ ...this.options, partition, inParallel: this.inParallel });
    this.owned.set(partition, { consumer, leaving: false });
    const before = this.former.get(partition) ?? Promise.resolve();
    consumer.start(before.finally(() => this.former.delete(partition)));
  }

  private async release(partition: number, owned: Owned): Promise<void> {
    owned.leaving = true;
    await owned.consumer.stop();
    // The session may have ended and been replaced meanwhile: then the lock is not this consumer's any more.
    if (this.owned.get(partition) !== owned) return;
    this.owned.delete(partition);
    await this.locks.giveBack(partition).catch(() => {});
  }
}
