import { describe, expect, it } from '@jest/globals';
import { BadGatewayException, NotFoundException } from '@nestjs/common';
import { DomainError, RuleMalformedError } from '#domain';
import { problemOf } from './problem-of.js';
import { RequestInvalidError } from './schema-pipe.js';

const coded = (message: string, fields: object) => Object.assign(new Error(message), fields);

describe('problemOf', () => {
  it.each([
    [
      'a domain error',
      new DomainError('TAG_UNKNOWN', 'Never seen.'),
      { status: 404, code: 'TAG_UNKNOWN', detail: 'Never seen.' },
    ],
    [
      "Nest's own",
      new NotFoundException('Cannot GET /x'),
      { status: 404, title: 'Not Found', detail: 'Cannot GET /x' },
    ],
    ["a body parser's", coded('too large', { status: 413, expose: true, type: 'entity.too.large' }), { status: 413 }],
    ['an unknown code that says it may pass', new DomainError('NEW', 'x', { retriable: true }), { status: 503 }],
    [
      'a raw database error',
      coded('connect ECONNREFUSED', { code: 'ECONNREFUSED' }),
      { status: 503, code: 'DATABASE_UNAVAILABLE' },
    ],
  ])('answers %s', (_what, thrown, problem) => {
    expect(problemOf(thrown)).toMatchObject({ type: 'about:blank', ...problem });
  });

  it('names what is wrong with a request', () => {
    const errors = [{ path: 'tag', message: 'It is required.' }];
    expect(problemOf(new RequestInvalidError(errors))).toMatchObject({
      status: 400,
      detail: 'tag: It is required.',
      errors,
    });
  });

  it('names pattern and position of a malformed rule', () => {
    const problem = { path: 'tags.matching[0]', pattern: '[', position: 0, message: 'It is not closed.' };
    expect(problemOf(new RuleMalformedError('r', [problem]))).toMatchObject({ status: 422, errors: [problem] });
  });

  it.each([
    new Error('password authentication failed for user "tagwarden"'),
    new DomainError('NOBODY_KNOWS', 'secret inside'),
    new DomainError('CONFIGURATION_INVALID', 'secret inside'),
    new DomainError('DATABASE_UNAVAILABLE', 'connect ECONNREFUSED secret', { retriable: true }),
    new BadGatewayException('secret inside'),
    coded('secret inside', { status: 502, expose: false }),
    'secret inside',
    null,
  ])('keeps the inside inside (%#)', (thrown) => {
    const problem = problemOf(thrown);
    expect(problem.status).toBeGreaterThanOrEqual(500);
    expect(JSON.stringify(problem)).not.toMatch(/secret|password/);
    if (problem.status === 500) expect(problem.errorId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
