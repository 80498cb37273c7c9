/** What has been started and must be stopped, newest first; also when the bench is interrupted half-way. */
export class CleanUp {
  private readonly steps: (() => Promise<unknown>)[] = [];

  /** Answers the same step, to be run earlier; it is then run once. */
  add(step: () => Promise<unknown>): () => Promise<void> {
    let done: Promise<unknown> | undefined;
    const once = () => {
      done ??= step();
      return done;
    };
    this.steps.push(once);
    return async () => {
      await once();
    };
  }

  async run(): Promise<void> {
    for (const step of this.steps.splice(0).reverse()) {
      // One thing that does not stop must not leave the others running.
      await step().catch((error: unknown) => process.stderr.write(`While cleaning up: ${String(error)}\n`));
    }
  }
}
