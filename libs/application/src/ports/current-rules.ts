import type { RuleHistory, WaiverBook } from '#domain';
import type { TransactionalQuery } from './message-bus.js';

/** What makes tags immutable, and what permits changing them, over time. */
export type Ruling = { readonly history: RuleHistory; readonly waivers: WaiverBook };

export abstract class CurrentRules {
  /** As this process knows them: at most some seconds old. */
  abstract latest(): Ruling;
  /**
   * As they are now; within a transaction, as that sees them. One small statement where nothing has changed. Rejects with a retriable error
   * while the database cannot be reached.
   */
  abstract upToDate(query?: TransactionalQuery): Promise<Ruling>;
}
