import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import {
  type AlertChannels,
  type AlertDeliveries,
  type MessageBus,
  planAlerts,
  type RecordBatch,
  type Subscription,
} from '#application';
import { TOPICS } from '#contracts';
import type { Instant } from '#domain';
import type { AlertCourier } from './alert-courier.js';
import { parseViolationChanged } from './parse-violation-changed.js';

const GROUP = 'tagwarden-notifier';
const BATCH_SIZE = 200;

/** Turns what happens to violations into deliveries, and hands them to the courier. */
export class ViolationIntake implements OnApplicationBootstrap, BeforeApplicationShutdown {
  #subscription: Subscription | null = null;

  constructor(
    private readonly bus: MessageBus,
    private readonly channels: AlertChannels,
    private readonly deliveries: AlertDeliveries,
    private readonly courier: AlertCourier,
    private readonly now: () => Instant,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.courier.start();
    // From the earliest: what happened before this group's first start was told to nobody yet.
    const options = { topic: TOPICS.violations, group: GROUP, batchSize: BATCH_SIZE, from: 'earliest' } as const;
    this.#subscription = await this.bus.subscribe(options, (batch) => this.take(batch));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.#subscription?.stop();
    await this.courier.stop();
  }

  /** Durable when it resolves: deliveries and, where the bus keeps it there, its position commit together. */
  async take(batch: RecordBatch): Promise<void> {
    const routes = this.channels.list();
    const planned = batch.records.flatMap((record) => planAlerts(parseViolationChanged(record.value), routes));
    const last = batch.records.at(-1);
    if (!last) return;
    await this.deliveries.enqueue(planned, this.now(), (query) => batch.commitWithin(query, last.offset));
    this.courier.wake();
  }
}
