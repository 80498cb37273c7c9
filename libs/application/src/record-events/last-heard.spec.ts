import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '#domain';
import { lastHeard } from './last-heard.js';
import type { Recordable } from './record-events.js';

const at = (second: number) => parseInstant(`2026-08-20T09:14:0${second}Z`);
const told = (source: string, second: number, registry = 'one') => ({ source, registry, receivedAt: at(second) });
const heardIn = (batch: Record<string, unknown>) =>
  Object.fromEntries(lastHeard({ events: [], refolds: [], rejected: [], ...batch } as Recordable));

describe('When registries were last heard of', () => {
  it.each([
    ['nothing', {}, {}],
    ['an event', { events: [told('zot', 1)] }, { one: at(1) }],
    ['the newest, in whatever order', { events: [told('zot', 3), told('zot', 1)] }, { one: at(3) }],
    ['each registry', { events: [told('zot', 1), told('quay', 2, 'two')] }, { one: at(1), two: at(2) }],
    ['what a sweep saw is not heard', { events: [told('sweeper', 4), told('zot', 1)] }, { one: at(1) }],
    ['nor what we wrote', { events: [told('enforcer', 1), told('api', 2)] }, {}],
    ['a hint', { hints: [told('dockerhub', 2)] }, { one: at(2) }],
    ['what nobody understood', { rejected: [told('', 5)], events: [told('zot', 1)] }, { one: at(5) }],
  ])('%s', (_, batch, heard) => {
    expect(heardIn(batch)).toEqual(heard);
  });
});
