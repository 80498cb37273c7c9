import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { DomainError } from '#domain';

export type RequestProblem = { readonly path: string; readonly message: string };

/** `REQUEST_INVALID`: everything that is wrong with a request's parameters or body. */
export class RequestInvalidError extends DomainError {
  readonly errors: readonly RequestProblem[];

  constructor(errors: readonly RequestProblem[]) {
    super('REQUEST_INVALID', errors.map(({ path, message }) => `${path || 'The body'}: ${message}`).join(' '));
    this.errors = errors;
  }
}

/** Parses a query, the path's parameters or a body with its contract. */
export class SchemaPipe<T extends z.ZodType> implements PipeTransform<unknown, z.output<T>> {
  constructor(private readonly schema: T) {}

  transform(value: unknown): z.output<T> {
    const result = this.schema.safeParse(value);
    if (result.success) return result.data;
    throw new RequestInvalidError(result.error.issues.flatMap(problemsOf));
  }
}

function problemsOf(issue: z.core.$ZodIssue): RequestProblem[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const prefix = path === '' ? '' : `${path}.`;
    return issue.keys.map((key) => ({
      path: `${prefix}${key.slice(0, 100)}`,
      message: 'There is no such parameter here.',
    }));
  }
  if (path === '') return [{ path, message: 'Send a JSON object, with Content-Type: application/json.' }];
  return [{ path, message: issue.message }];
}
