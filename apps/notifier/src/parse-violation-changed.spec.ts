import { describe, expect, it } from '@jest/globals';
import { parseViolationChanged } from './parse-violation-changed.js';
import { violationMessage } from './violation-message.fixture.js';

describe('parseViolationChanged', () => {
  it('reads the change out of the type', () => {
    expect(parseViolationChanged(violationMessage({ type: 'tagwarden.violation.fight' }))).toMatchObject({
      id: 'event-1',
      change: 'fight',
      at: '2026-08-20T09:14:03.000000Z',
      violation: { id: 'violation-1', state: 'detected', repository: 'acme/app' },
    });
  });

  it.each([
    ['no JSON', Buffer.from('{')],
    ['another type', violationMessage({ type: 'com.example.other' })],
    ['an unknown change', violationMessage({ type: 'tagwarden.violation.exploded' })],
    ['a malformed time', violationMessage({ time: 'yesterday' })],
    ['no data', violationMessage({ data: null })],
  ])('refuses %s for good, so that the bus sets it aside', (_what, value) => {
    expect(() => parseViolationChanged(value)).toThrow(
      expect.objectContaining({ code: 'NOT_A_VIOLATION_CHANGE', retriable: false }),
    );
  });
});
