import type { BenchPostgres } from './bench-postgres.js';
import type { CleanUp } from './clean-up.js';

/** What every measurement is given. */
export type Bench = {
  /** Fewer samples: to see that the bench works, not to quote from. */
  readonly quick: boolean;
  readonly cleanUp: CleanUp;
  readonly postgres: BenchPostgres;
  readonly kafkaBrokers: readonly string[];
  /** Tells who waits what is being done. */
  say(progress: string): void;
};
