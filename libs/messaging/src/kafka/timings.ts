/** Also how soon a member learns that the group rebalances. */
export const HEARTBEAT_INTERVAL_MS = 1000;
/**
 * Also how long a group rests after its only broker was killed: the members from before have to run out first, since kafkajs joins as a new one.
 */
export const SESSION_TIMEOUT_MS = 10_000;
