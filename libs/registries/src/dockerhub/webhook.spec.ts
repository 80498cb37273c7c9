import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '#domain';
import { type Delivery, describeAdapterContract, outlineOf, parse, readRecorded } from '../adapter-contract.js';
import { dockerhub } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [push] = read('push') as [Delivery];

type Body = { push_data: Record<string, unknown>; repository: Record<string, unknown> };
const changed = (pushData: object, repository: object = {}): Delivery => {
  const body = push.body as Body;
  const changes = { push_data: { ...body.push_data, ...pushData }, repository: { ...body.repository, ...repository } };
  return { ...push, body: { ...body, ...changes } };
};
const sourceIds = (deliveries: readonly Delivery[]) =>
  deliveries.flatMap((delivery) => parse(dockerhub, delivery).hints?.map(({ sourceId }) => sourceId) ?? []);

describeAdapterContract(dockerhub, {
  deliveries: [push, ...read('push-float-time'), ...read('push-official')],
  timed: null,
});

describe('docker hub notifications', () => {
  it.each<[string, string[]]>([
    ['push', ['hint team/app:v1']],
    ['push-float-time', ['hint team/app:v2']],
    ['push-official', ['hint library/nginx:1.27']],
    ['push-index', Array.from({ length: 6 }, () => 'hint team/app:v3')],
  ])('%s', (name, expected) => {
    expect(outlineOf(dockerhub, read(name))).toEqual({ told: expected, ignored: 0, rejected: [] });
  });

  it('never claims to know a digest', () => {
    expect(parse(dockerhub, push).events).toEqual([]);
  });

  it('takes the six calls of one push of several platforms for one, whatever their callbacks', () => {
    expect(new Set(sourceIds(read('push-index'))).size).toBe(1);
  });

  it.each<[string, Delivery]>([
    ['another tag', changed({ tag: 'v2' })],
    ['another second', changed({ pushed_at: 1795348799 })],
    ['a fraction of it', changed({ pushed_at: 1795348798.5 })],
    ['another repository', changed({}, { repo_name: 'team/other' })],
    ['another person', changed({ pusher: 'alice' })],
  ])('keeps pushes apart by %s', (_, other) => expect(new Set(sourceIds([push, other])).size).toBe(2));

  it('keeps pushes without a time apart by the minute that they came in', () => {
    const untimed = changed({ pushed_at: null });
    const times = ['2026-11-22T12:00:00Z', '2026-11-22T12:00:59Z', '2026-11-22T12:01:00Z'];
    const ids = times.map((time) => parse(dockerhub, untimed, parseInstant(time)).hints?.[0]?.sourceId);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it.each<[string, unknown, string]>([
    ['whole seconds', 1795348798, '2026-11-22T11:59:58.000000Z'],
    ['a fraction', 1795348798.25, '2026-11-22T11:59:58.250000Z'],
    ['no time', undefined, '2026-11-22T12:00:00.000000Z'],
    ['a text', '2026-11-22T11:59:58Z', '2026-11-22T12:00:00.000000Z'],
    ['the future', 1.9e9, '2026-11-22T12:00:00.000000Z'],
    ['more than a date can be', 1e300, '2026-11-22T12:00:00.000000Z'],
    ['long ago', 1.7e9, '2026-11-21T12:00:00.000000Z'],
  ])('believes %s as far as it can', (_, pushed_at, expected) => {
    expect(parse(dockerhub, changed({ pushed_at })).hints?.map((hint) => hint.occurredAt)).toEqual([expected]);
  });

  it.each<[string, object, string]>([
    ['the full name', { repo_name: 'team/app' }, 'hint team/app:v1'],
    ['namespace and name alone', { repo_name: null, namespace: 'team', name: 'app' }, 'hint team/app:v1'],
    ['an official image', { repo_name: 'nginx', namespace: '', name: 'nginx' }, 'hint library/nginx:v1'],
    ['an official image with its namespace', { repo_name: 'library/nginx' }, 'hint library/nginx:v1'],
    ['capitals', { repo_name: 'Team/App' }, 'hint team/app:v1'],
  ])('names the repository as /v2/ does: %s', (_, repository, expected) => {
    expect(outlineOf(dockerhub, [changed({}, repository)]).told).toEqual([expected]);
  });

  it.each([null, '', undefined])('ignores a push without a tag: %p', (tag) => {
    expect(parse(dockerhub, changed({ tag }))).toMatchObject({ events: [], hints: [], ignored: 1, rejected: [] });
  });

  it('asks nobody to call the callback, and keeps its address nowhere', () => {
    const result = parse(dockerhub, push);
    expect(result.handshake ?? null).toBeNull();
    expect(JSON.stringify(result)).not.toContain('/hook/');
  });

  it('says who pushed', () => expect(parse(dockerhub, push).hints?.[0]?.actor).toBe('ci'));
});
