import { expect, it } from '@jest/globals';
import { addMs, parseInstant } from '../instant.js';
import { parseRegistryName } from '../names.js';
import type { ViolationId } from '../violation.js';
import type { Arising } from './incident.js';
import { joinIncident, openIncident } from './join-incident.js';

const at = parseInstant('2026-08-20T09:00:00Z');
const first: Arising = { registry: parseRegistryName('one'), actor: 'ci', detectedAt: at, foundDigest: null };

it('opens the same incident for the same violation', () => {
  const opened = openIncident('v1' as ViolationId, first);
  expect(openIncident('v1' as ViolationId, first)).toEqual(opened);
  expect(openIncident('v2' as ViolationId, first).id).not.toBe(opened.id);
});

it('grows with each member, to both sides, and is open again', () => {
  const closed = { ...openIncident('v1' as ViolationId, first), closedAt: at };
  const late = joinIncident(closed, { ...first, detectedAt: addMs(at, -5_000) });
  expect(late).toMatchObject({ members: 2, openedAt: addMs(at, -5_000), lastAt: at, isMixed: false, closedAt: null });
  const other = { ...first, registry: parseRegistryName('two'), detectedAt: addMs(at, 5_000) };
  expect(joinIncident(late, other)).toMatchObject({
    members: 3,
    openedAt: addMs(at, -5_000),
    lastAt: addMs(at, 5_000),
    isMixed: true,
    registries: ['one', 'two'],
    identity: { registry: 'one', actor: 'ci' },
  });
});
