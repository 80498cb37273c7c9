/**
 * An error that a person can act on. `code` is stable and machine-readable; it is mapped to an HTTP status or an exit
 * code at the edges, never here. `retriable` says whether the same call may succeed later without anybody acting.
 */
export class DomainError extends Error {
  readonly code: string;
  readonly retriable: boolean;

  constructor(code: string, message: string, options: { cause?: unknown; retriable?: boolean } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retriable = options.retriable ?? false;
  }
}

/** The text of anything that was thrown, for a sentence in a log or a stored reason. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
