import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Log, MessageBus, RecordBusBatch, Subscription } from '#application';
import { TOPICS } from '#contracts';
import { type CompiledRule, instantOf } from '#domain';
import { type OutboxRelay, type PgRules, reviseFileRules } from '#persistence';
import type { RulingFollower } from './ruling-follower.js';

const GROUP = 'tagwarden-recorder';
/** Where PostgreSQL takes the most rows a second; see `npm run bench`. */
const BATCH_SIZE = 1_000;

/** Bus → record, and what the record has to say → bus. */
export class Recorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private subscription: Subscription | null = null;

  constructor(
    private readonly bus: MessageBus,
    private readonly batches: RecordBusBatch,
    private readonly relay: OutboxRelay,
    private readonly rules: PgRules,
    private readonly follower: RulingFollower,
    private readonly dataSource: DataSource,
    private readonly fileRules: readonly CompiledRule[],
    private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const changed = await reviseFileRules(this.dataSource, this.fileRules, instantOf(Date.now()));
    await this.rules.upToDate();
    if (changed) this.log.info('The rules of the configuration file are in force.', { rules: this.fileRules.length });
    this.relay.start();
    const options = { topic: TOPICS.registryEvents, group: GROUP, batchSize: BATCH_SIZE, from: 'earliest' } as const;
    this.subscription = await this.bus.subscribe(options, (batch) => this.batches.handle(batch));
    this.follower.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.follower.stop();
    await this.subscription?.stop();
    await this.relay.stop();
  }
}
