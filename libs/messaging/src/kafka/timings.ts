/** Also how soon a member learns that the group rebalances. */
export const HEARTBEAT_INTERVAL_MS = 1000;
export const SESSION_TIMEOUT_MS = 15_000;
