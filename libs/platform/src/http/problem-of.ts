import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { Problem } from '#contracts';
import { DomainError, RuleMalformedError } from '#domain';
import { isDatabaseAway } from '#persistence';
import { RegistryInvalidError } from '../configuration/index.js';
import { isFitToShow, STATUS_BY_CODE } from './domain-error-status.js';
import { RequestInvalidError } from './schema-pipe.js';

/** What a caller is told of anything that was thrown. What is ours to mend is told by an id only, which the log has too. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof DomainError) return ofDomain(thrown);
  if (thrown instanceof HttpException && thrown.getStatus() < 500) return problem(thrown.getStatus(), thrown.message);
  if (isRefusedRequest(thrown)) return problem(thrown.status, sentenceOf(thrown));
  return thrown instanceof Error && isDatabaseAway(thrown) ? away('DATABASE_UNAVAILABLE') : failure();
}

function ofDomain(error: DomainError): Problem {
  const status = STATUS_BY_CODE[error.code] ?? (error.retriable ? 503 : 500);
  if (!isFitToShow(error.code, status)) return status === 503 ? away(error.code) : failure();
  const { code } = error;
  if (error instanceof RequestInvalidError)
    return { ...problem(status, error.message), code, errors: [...error.errors] };
  if (error instanceof RegistryInvalidError)
    return { ...problem(status, error.message), code, errors: [...error.problems] };
  if (error instanceof RuleMalformedError)
    return { ...problem(status, error.message), code, errors: [...error.problems] };
  return { ...problem(status, error.message), code };
}

const problem = (status: number, detail: string): Problem => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
});

const away = (code: string): Problem => ({
  ...problem(
    503,
    'Something that this depends on cannot be reached just now. The same request may succeed in a moment.',
  ),
  code,
});

function failure(): Problem {
  const errorId = randomUUID();
  return { ...problem(500, `Something went wrong here. The log has it under ${errorId}.`), errorId };
}

/** What Express and its body parsers throw. `expose` says that the message is meant for the caller. */
type RefusedRequest = { readonly status: number; readonly message: string; readonly type?: string };

function isRefusedRequest(thrown: unknown): thrown is RefusedRequest {
  const { status, expose } = (thrown ?? {}) as { status?: unknown; expose?: unknown };
  return expose === true && typeof status === 'number' && status >= 400 && status < 500;
}

function sentenceOf({ type, message }: RefusedRequest): string {
  if (type === 'entity.too.large') return 'The body is larger than 256 KiB, the most that is taken.';
  if (type === 'entity.parse.failed') return `The body is not JSON: ${message}`;
  return message;
}
