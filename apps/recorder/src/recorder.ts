import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Log, MessageBus, RecordBusBatch, Subscription } from '#application';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import { type CompiledRule, instantOf } from '#domain';
import { findTagsToRefold, type OutboxRelay, type PgRules, reviseFileRules } from '#persistence';

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
    private readonly dataSource: DataSource,
    private readonly fileRules: readonly CompiledRule[],
    private readonly log: Log,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.applyFileRules();
    this.relay.start();
    const options = { topic: TOPICS.registryEvents, group: GROUP, batchSize: BATCH_SIZE, from: 'earliest' } as const;
    this.subscription = await this.bus.subscribe(options, (batch) => this.batches.handle(batch));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.subscription?.stop();
    await this.relay.stop();
  }

  /** A rule that is switched off frees its tags at once: they are folded anew. */
  private async applyFileRules(): Promise<void> {
    const now = instantOf(Date.now());
    const changed = await reviseFileRules(this.dataSource, this.fileRules, now);
    await this.rules.refresh();
    if (!changed) return;
    let count = 0;
    for await (const tags of findTagsToRefold(this.dataSource, this.rules.history(), now)) {
      const messages = tags.map((ref) => encodeRecorderMessage({ kind: 'refold', ...ref }));
      await this.bus.publish(TOPICS.registryEvents, messages);
      count += tags.length;
    }
    this.log.info(`The rules of the configuration file are in force.`, {
      rules: this.fileRules.length,
      tagsToFoldAnew: count,
    });
  }
}
