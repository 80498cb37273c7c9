const TRANSIENT_SYSTEM_ERRORS = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);
/** Connection, transaction rollback, resources, operator intervention: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TRANSIENT_SQLSTATE = /^(08|40|53|57)[0-9A-Z]{3}$/;
/** What `pg` throws without a code when a connection goes away or none can be had. */
const TRANSIENT_MESSAGE = /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/;
const MAX_CAUSES = 8;

/**
 * Whether the same call may succeed later: an error that says so itself (`retriable`), or one that is plainly about
 * infrastructure. The second half is a safety net: a handler that lets a raw connection error through must not get a whole
 * topic dead-lettered while the database restarts.
 */
export function isRetriable(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    const { retriable, code } = current as { retriable?: unknown; code?: unknown };
    if (typeof retriable === 'boolean') return retriable;
    if (typeof code === 'string' && (TRANSIENT_SYSTEM_ERRORS.has(code) || TRANSIENT_SQLSTATE.test(code))) return true;
    if (TRANSIENT_MESSAGE.test(current.message)) return true;
    current = current.cause;
  }
  return false;
}
