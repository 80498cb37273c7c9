import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { Log, MessageBus, RecordBusBatch, Subscription } from '#application';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import { type CompiledRule, type Instant, instantOf, messageOf } from '#domain';
import { findTagsToRefold, type OutboxRelay, type PgRules, reviseFileRules } from '#persistence';

const GROUP = 'tagwarden-recorder';
/** Where PostgreSQL takes the most rows a second; see `npm run bench`. */
const BATCH_SIZE = 1_000;

/** Bus → record, and what the record has to say → bus. */
export class Recorder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private subscription: Subscription | null = null;
  private refolding: Promise<void> = Promise.resolve();
  private isStopping = false;

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
    const now = instantOf(Date.now());
    const changed = await reviseFileRules(this.dataSource, this.fileRules, now);
    await this.rules.refresh();
    if (changed) this.log.info('The rules of the configuration file are in force.', { rules: this.fileRules.length });
    this.relay.start();
    const options = { topic: TOPICS.registryEvents, group: GROUP, batchSize: BATCH_SIZE, from: 'earliest' } as const;
    this.subscription = await this.bus.subscribe(options, (batch) => this.batches.handle(batch));
    this.refolding = this.refoldWhatRulesChanged(now);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopping = true;
    await this.refolding;
    await this.subscription?.stop();
    await this.relay.stop();
  }

  /**
   * A rule that is switched off frees its tags at once, and one that is switched on seals them: they are folded anew. Looked for at every
   * start, since the last one may have ended between writing the rules and telling of them.
   */
  private async refoldWhatRulesChanged(now: Instant): Promise<void> {
    let count = 0;
    try {
      for await (const tags of findTagsToRefold(this.dataSource, this.rules.history(), now)) {
        if (this.isStopping) return;
        const messages = tags.map((ref) => encodeRecorderMessage({ kind: 'refold', ...ref }));
        await this.bus.publish(TOPICS.registryEvents, messages);
        count += tags.length;
      }
      if (count > 0) this.log.info('Tags whose rule has changed are folded anew.', { tags: count });
    } catch (error) {
      this.log.error(
        `Not all tags whose rule has changed could be folded anew: ${messageOf(error)} Restart the recorder to try again.`,
      );
    }
  }
}
