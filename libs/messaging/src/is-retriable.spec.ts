import { expect, test } from '@jest/globals';
import { DomainError } from '#domain';
import { isRetriable } from './is-retriable.js';

const coded = (code: string) => Object.assign(new Error('x'), { code });

test.each<[string, unknown, boolean]>([
  ['an error that says so', new DomainError('a', 'a', { retriable: true }), true],
  ['an error that says it is not', new DomainError('a', 'a', { cause: coded('ECONNREFUSED') }), false],
  ['a refused connection', coded('ECONNREFUSED'), true],
  ['a deadlock in PostgreSQL', coded('40P01'), true],
  ['a PostgreSQL that shuts down', coded('57P01'), true],
  ['a violated constraint', coded('23505'), false],
  ['a cause that is transient', new Error('outer', { cause: coded('ECONNRESET') }), true],
  ['a connection lost in a query', new Error('Connection terminated unexpectedly'), true],
  ['anything else', new TypeError('x is undefined'), false],
  ['a thrown string', 'oops', false],
])('%s', (_, error, expected) => {
  expect(isRetriable(error)).toBe(expected);
});
