import { isRetriable } from './is-retriable.js';

/** What a bus does with consecutive records; each step moves the group's position past what it was given. */
export type ConsumeSteps<R> = {
  handle(records: readonly R[]): Promise<void>;
  deadLetter(record: R, reason: unknown): Promise<void>;
};

/**
 * Hands the records over at once. If that fails for a reason that will not pass, halves them until the bad record stands alone, has it
 * dead-lettered, and goes on with the ones behind it: a bad record costs about 2·log₂(n) calls and stops nothing. Rejects as
 * soon as a step fails with a retriable error, or cannot dead-letter; what was done before that is done.
 */
export async function consumeWithBisection<R>(records: readonly R[], steps: ConsumeSteps<R>): Promise<void> {
  try {
    await steps.handle(records);
    return;
  } catch (error) {
    if (isRetriable(error)) throw error;
    if (records.length <= 1) {
      for (const record of records) await steps.deadLetter(record, error);
      return;
    }
  }
  const middle = Math.ceil(records.length / 2);
  await consumeWithBisection(records.slice(0, middle), steps);
  await consumeWithBisection(records.slice(middle), steps);
}
