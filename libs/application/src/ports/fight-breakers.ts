import type { BreakersQuery, BreakerView, Page } from '#contracts';
import type { Instant } from '#domain';

/** The tags that are left alone because another writer fights back. */
export abstract class FightBreakers {
  /** The tripped ones, newest first. */
  abstract list(query: BreakersQuery): Promise<Page<BreakerView>>;
  /** Closes it: the tag's open violations are enforced again, and restorations are counted from here on. Throws `BREAKER_UNKNOWN`. */
  abstract reset(id: string, deed: { reason: string; by: string; at: Instant }): Promise<BreakerView>;
  abstract count(): Promise<number>;
}
