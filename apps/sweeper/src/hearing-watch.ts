import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { Log, WatchHearing } from '#application';
import { messageOf } from '#domain';

const LOOK_EVERY_MS = 5_000;

/** Looks every few seconds whether a registry has fallen silent, or is heard again. */
export class HearingWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isStopped = false;
  private isFailing = false;

  constructor(
    private readonly watch: Pick<WatchHearing, 'look'>,
    private readonly registries: () => readonly string[],
    private readonly log: Log,
    private readonly everyMs: number = LOOK_EVERY_MS,
  ) {}

  onApplicationBootstrap(): void {
    this.lookLater();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.looking;
  }

  private lookLater(): void {
    if (this.isStopped) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().finally(() => this.lookLater());
    }, this.everyMs);
  }

  /** An outage is told once. */
  private async look(): Promise<void> {
    try {
      await this.watch.look(this.registries());
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing) this.log.warn(`Cannot look which registries are heard: ${messageOf(error)} Trying again.`);
      this.isFailing = true;
    }
  }
}
