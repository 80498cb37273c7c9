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

  it('reads one from before there were incidents', () => {
    expect(parseViolationChanged(violationMessage())).toMatchObject({ isQuiet: false, incident: null });
  });

  it('reads the incident, and whether people hear of it by this change', () => {
    const page = { page: 2, earlier: [{ page: 1, changes: ['detected'], closes: false }] };
    const incident = { id: 'incident-1', members: 3, since: '2026-08-20T09:14:03Z', isMixed: true, page };
    const { data } = JSON.parse(violationMessage().toString());
    expect(parseViolationChanged(violationMessage({ quiet: true, data: { ...data, incident } }))).toMatchObject({
      isQuiet: true,
      incident: { id: 'incident-1', members: 3, since: '2026-08-20T09:14:03.000000Z', isMixed: true, ...page },
    });
    expect(
      parseViolationChanged(violationMessage({ data: { ...data, incident: { ...incident, page: null } } })).incident,
    ).toMatchObject({ page: 0, earlier: [] });
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
