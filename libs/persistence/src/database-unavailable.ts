import { DomainError, messageOf } from '#domain';

/** The database cannot be reached or is going away: the same call may succeed later. */
export class DatabaseUnavailableError extends DomainError {
  constructor(cause: unknown) {
    super(
      'DATABASE_UNAVAILABLE',
      `PostgreSQL cannot be reached: ${messageOf(cause)}. Check DATABASE_URL and that the server runs.`,
      {
        cause,
        retriable: true,
      },
    );
  }
}

// Class 08 connection exceptions, 57P0x shutdown, 53300 too many connections; 40001 and 40P01: run again. Source: PostgreSQL appendix A.
const RETRIABLE_SQLSTATE = /^(?:08...|57P0[1235]|53300|53400|40001|40P01|55P03)$/;
const RETRIABLE_MESSAGE =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|client has encountered a connection error|not queryable|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH/i;

/** Whether the database, rather than the statement, is what failed. */
export function isDatabaseAway(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  if (typeof code === 'string' && (RETRIABLE_SQLSTATE.test(code) || RETRIABLE_MESSAGE.test(code))) return true;
  return typeof message === 'string' && RETRIABLE_MESSAGE.test(message);
}

/** Runs database work, and turns the database's absence into a retriable error. */
export async function withDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isDatabaseAway(error) && !(error instanceof DomainError) ? new DatabaseUnavailableError(error) : error;
  }
}
