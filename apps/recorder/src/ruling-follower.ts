import type { DataSource } from 'typeorm';
import type { Log, MessageBus } from '#application';
import { encodeRecorderMessage, TOPICS } from '#contracts';
import { instantOf, messageOf, type RuleHistory } from '#domain';
import {
  CHANNELS,
  findTagsToRefold,
  type PgListener,
  type PgRules,
  queueMissingGuards,
  refoldUnderDueWaivers,
} from '#persistence';

/** A waiver may begin by itself, and a wake-up may get lost. */
const LOOK_EVERY_MS = 5_000;

/**
 * Has tags folded anew when what rules over them has changed: a rule that is switched off frees its tags at once, one that is switched on
 * seals them, and a waiver that begins permits what it finds. What is sealed and has no guard yet, though a rule asks for one, gets it.
 * Looks at every start as well, since the last one may have ended between a change and telling of it.
 */
export class RulingFollower {
  private applied: RuleHistory | null = null;
  private running: Promise<void> = Promise.resolve();
  private isBusy = false;
  private again = false;
  private isStopping = false;
  private timer: NodeJS.Timeout | undefined;
  private stopListening: () => void = () => undefined;

  constructor(
    private readonly rules: PgRules,
    private readonly dataSource: DataSource,
    private readonly bus: MessageBus,
    private readonly listener: PgListener,
    private readonly log: Log,
  ) {}

  start(): void {
    this.stopListening = this.listener.on(CHANNELS.ruling, () => this.look());
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.look();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    this.stopListening();
    clearInterval(this.timer);
    await this.running;
  }

  /** One look at a time; what is asked for meanwhile is one more. */
  private look(): void {
    if (this.isBusy) {
      this.again = true;
      return;
    }
    this.isBusy = true;
    this.running = this.follow().finally(() => {
      this.isBusy = false;
      if (this.again && !this.isStopping) {
        this.again = false;
        this.look();
      }
    });
  }

  private async follow(): Promise<void> {
    try {
      const { history } = await this.rules.upToDate();
      const permitted = await refoldUnderDueWaivers(this.dataSource);
      if (permitted > 0)
        this.log.info('A waiver has begun: the tags that it permits are folded anew.', { tags: permitted });
      if (history === this.applied) return;
      await this.refoldWhatRulesChanged(history);
      await queueMissingGuards(this.dataSource, history, instantOf(Date.now()));
      this.applied = history;
    } catch (error) {
      this.log.warn(
        `Not all tags whose rule or waiver has changed could be folded anew: ${messageOf(error)} Trying again in some seconds.`,
      );
    }
  }

  private async refoldWhatRulesChanged(history: RuleHistory): Promise<void> {
    let count = 0;
    for await (const tags of findTagsToRefold(this.dataSource, history, instantOf(Date.now()))) {
      if (this.isStopping) throw new Error('The recorder is stopping.');
      const messages = tags.map((ref) => encodeRecorderMessage({ kind: 'refold', ...ref }));
      await this.bus.publish(TOPICS.registryEvents, messages);
      count += tags.length;
    }
    if (count > 0) this.log.info('Tags whose rule has changed are folded anew.', { tags: count });
  }
}
