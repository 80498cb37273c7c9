import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  RECEIVED_AT,
  readRecorded,
  toldBy,
} from '../adapter-contract.js';
import { gitea } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [created] = read('created') as [Delivery];
const [deleted] = read('deleted') as [Delivery];
const [forgejo] = read('forgejo') as [Delivery];

type Body = { action: string; package: Record<string, unknown>; sender: unknown };
const changed = (change: (body: Body) => void): Delivery => {
  const body = structuredClone(created.body) as Body;
  change(body);
  return { ...created, body };
};
const hex = (body: Buffer, secret: string) => createHmac('sha256', secret).update(body).digest('hex');

describeAdapterContract(gitea, {
  deliveries: [created, ...read('created-by-digest'), deleted, ...read('deleted-by-digest')],
  timed: (time) => changed((body) => Object.assign(body.package, { created_at: time })),
  senders: { sign: (body, secret) => ({ 'x-gitea-signature': hex(body, secret) }) },
});
describeAdapterContract(gitea, {
  deliveries: [forgejo],
  timed: null,
  senders: {
    sign: (body, secret) => ({ 'x-gitea-signature': hex(body, secret), 'x-forgejo-signature': hex(body, secret) }),
  },
});

describe('Gitea notifications', () => {
  it.each<[string, string[], number]>([
    ['created', ['hint team/app:v1'], 0],
    ['created-by-digest', ['pushed team/app@a1b2c3d4'], 0],
    ['deleted', ['tagDeleted team/app:v1'], 0],
    ['deleted-by-digest', ['manifestDeleted team/app@a1b2c3d4'], 0],
    ['forgejo', ['hint team/app/worker:v2'], 0],
    ['others', [], 2],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(gitea, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it('gives a hint all that the service needs to record what it finds', () => {
    expect(parse(gitea, created).hints).toEqual([
      {
        registry: 'local',
        repository: 'team/app',
        tag: 'v1',
        actor: 'ci',
        occurredAt: '2026-11-22T09:14:03.000000Z',
        receivedAt: RECEIVED_AT,
        source: 'gitea',
        sourceId: created.headers['x-gitea-delivery'],
        claims: { packageVersion: '13' },
      },
    ]);
  });

  it('dates a deletion by its arrival, not by when the version was made', () => {
    expect(parse(gitea, deleted).events[0]?.occurredAt).toBe(RECEIVED_AT);
  });

  it("believes its own headers before GitHub's", () => {
    const headers = { ...created.headers, 'x-github-event': 'push', 'x-github-delivery': 'other' };
    expect(parse(gitea, { ...created, headers })).toEqual(parse(gitea, created));
  });

  it.each<[string, (body: Body) => void]>([
    ['action "published" is unknown', (body) => Object.assign(body, { action: 'published' })],
    ['names no version', ({ package: own }) => Object.assign(own, { version: '' })],
    ['Tag "-v1" is malformed', ({ package: own }) => Object.assign(own, { version: '-v1' })],
    ['Repository "/app" is malformed', ({ package: own }) => Object.assign(own, { owner: null })],
  ])('rejects what it cannot understand, and keeps its delivery: %s', (reason, change) => {
    const result = parse(gitea, changed(change));
    expect(toldBy(result)).toEqual([]);
    expect(result.rejected).toEqual([
      {
        reason: expect.stringContaining(reason),
        payload: expect.stringContaining(String(created.headers['x-gitea-delivery'])),
      },
    ]);
  });
});
