import { messageOf } from '#domain';
import type { Terminal } from './terminal.js';

/** What has been started and made, to be stopped and removed in the reverse order. */
export class Cleanup {
  private readonly tasks: { readonly what: string; readonly run: () => Promise<void> }[] = [];

  constructor(private readonly terminal: Terminal) {}

  add(what: string, run: () => Promise<void>): void {
    this.tasks.push({ what, run });
  }

  /** Goes on after a failure: one thing that stays must not keep the others. Answers whether all of it is gone. */
  async run(): Promise<boolean> {
    let isClean = true;
    for (let task = this.tasks.pop(); task !== undefined; task = this.tasks.pop()) {
      try {
        await task.run();
      } catch (error) {
        isClean = false;
        this.terminal.failed(`Could not clean up ${task.what}: ${messageOf(error)}`);
      }
    }
    return isClean;
  }
}
