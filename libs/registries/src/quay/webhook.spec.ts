import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '#domain';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  RECEIVED_AT,
  readRecorded,
  summarise,
  toldBy,
} from '../adapter-contract.js';
import { quay } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];
const changed = (changes: object): Delivery => ({ ...push, body: { ...(push.body as object), ...changes } });

describeAdapterContract(quay, { deliveries: [push, ...read('push-old-shape')], timed: null });

describe('quay notifications', () => {
  it.each<[string, string[], number, number]>([
    ['push', ['hint team/app:v1'], 0, 0],
    ['push-several', ['hint team/app:latest', 'hint team/app:v2'], 0, 0],
    ['push-old-shape', ['hint team/app:v3'], 0, 0],
    ['others', [], 5, 0],
    ['template', [], 0, 1],
  ])('%s', (name, expected, ignored, rejected) => {
    const outline = outlineOf(quay, read(name));
    expect(outline).toMatchObject({ told: expected, ignored });
    expect(outline.rejected).toHaveLength(rejected);
  });

  it('never claims to know a digest, a time or a person', () => {
    const { events, hints } = parse(quay, push);
    expect(events).toEqual([]);
    expect(hints?.map(({ actor, occurredAt }) => [actor, occurredAt])).toEqual([[null, RECEIVED_AT]]);
  });

  it('takes a push that looks like the one of a minute ago for another', () => {
    const ids = ['2026-11-22T12:00:00Z', '2026-11-22T12:00:30Z', '2026-11-22T12:01:30Z'].map(
      (time) => parse(quay, push, parseInstant(time)).hints?.[0]?.sourceId,
    );
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('says of a body of another shape that a template may be why', () => {
    const [rejected] = parse(quay, read('template')[0] as Delivery).rejected;
    expect(rejected?.reason).toContain('template');
  });

  it.each<[string, object, string[]]>([
    ['the repository', { repository: 'team/app', namespace: 'x', name: 'y' }, ['hint team/app:v1']],
    ['namespace and name', { repository: null, namespace: 'team', name: 'app' }, ['hint team/app:v1']],
    ['a name of three parts', { repository: 'team/app/web' }, ['hint team/app/web:v1']],
  ])('names %s', (_, names, expected) => {
    expect(outlineOf(quay, [changed(names)]).told).toEqual(expected);
  });

  it('looks at the tags that it can read, and rejects the rest once', () => {
    const result = parse(quay, changed({ updated_tags: ['v1', 'not a tag', 5, null, 'v2'] }));
    expect(toldBy(result).map(summarise)).toEqual(['hint team/app:v1', 'hint team/app:v2']);
    expect(result.rejected).toHaveLength(1);
  });

  it('ignores a push of no tags', () => {
    expect(parse(quay, changed({ updated_tags: [] }))).toMatchObject({ ignored: 1, hints: [], rejected: [] });
  });
});
