import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseInstant } from '#domain';
import {
  type Delivery,
  describeAdapterContract,
  outlineOf,
  parse,
  readRecorded,
  summarise,
  toldBy,
} from '../adapter-contract.js';
import { artifactory } from './adapter.js';

const read = (name: string) => readRecorded(import.meta.url, name);
const [pushed] = read('pushed') as [Delivery];
const [child] = read('pushed-index') as [Delivery];
type Body = { data: Record<string, unknown> };
const changed = (data: object): Delivery => {
  const body = structuredClone(pushed.body) as Body;
  Object.assign(body.data, data);
  return { ...pushed, body };
};
const hex = (body: Buffer, secret: string) => createHmac('sha256', secret).update(body).digest('hex');

describeAdapterContract(artifactory, {
  deliveries: [pushed, child, ...read('deleted'), ...read('deleted-by-digest'), ...read('promoted')],
  timed: null,
  hintsBeside: true,
  senders: { sign: (body, secret) => ({ 'x-jfrog-event-auth': hex(body, secret) }) },
});
// The same header may hold the secret itself; then it proves nothing about the body.
describe('the plain secret', () => {
  const judge = (given: string | string[], secret: string | null = 'geheim-4711') =>
    artifactory.authenticateSender(
      { headers: { 'x-jfrog-event-auth': given }, query: {}, body: Buffer.from('{}'), secrets: { secret } },
      { fetchText: () => Promise.reject(new Error('not needed')) },
    );
  it('lets in', () => expect(judge('geheim-4711')).toBe('ok'));
  it.each(['', 'geheim-4712', 'Bearer geheim-4711', 'geheim-471'])('refuses %p', (given) =>
    expect(judge(given)).toBe('refused'),
  );
  it('refuses it twice, and everybody where none is configured', () => {
    expect(judge(['geheim-4711', 'geheim-4711'])).toBe('refused');
    for (const secret of ['', null]) expect([judge('', secret), judge('null', secret)]).toEqual(['refused', 'refused']);
  });
});

describe('Artifactory notifications', () => {
  it.each<[string, string[], number]>([
    ['pushed', ['pushed docker-local/team/app:v1@a1b2c3d4', 'hint docker-local/team/app:v1'], 0],
    [
      'pushed-index',
      [
        'pushed docker-local/team/app@a1b2c3d4',
        'pushed docker-local/team/app:v2@0f1e2d3c',
        'hint docker-local/team/app:v2',
      ],
      0,
    ],
    [
      'overwritten',
      [
        'tagDeleted docker-local/team/app:v1',
        'hint docker-local/team/app:v1',
        'pushed docker-local/team/app:v1@0f1e2d3c',
        'hint docker-local/team/app:v1',
      ],
      0,
    ],
    ['deleted', ['tagDeleted docker-local/team/app:v1', 'hint docker-local/team/app:v1'], 0],
    ['deleted-by-digest', ['manifestDeleted docker-local/team/app@a1b2c3d4'], 0],
    ['promoted', ['hint docker-prod-local/team/app:v1'], 0],
    ['others', [], 1],
  ])('%s', (name, expected, ignored) => {
    expect(outlineOf(artifactory, read(name))).toEqual({ told: expected, ignored, rejected: [] });
  });

  it.each([
    [undefined, 'docker-local/team/app'],
    ['docker-local', 'docker-local/team/app'],
    ['docker-local=docker', 'docker/team/app'],
    ['other=x, docker-local=', 'team/app'],
    ['docker-prod-local=', null],
  ])('names the repository as it is reached, with repositories %p', (repositories, expected) => {
    const options: Record<string, string> = repositories === undefined ? {} : { repositories };
    const result = parse(artifactory, pushed, undefined, options);
    expect(result.events.map(({ repository }) => repository)).toEqual(expected === null ? [] : [expected]);
    expect(result.ignored).toBe(expected === null ? 1 : 0);
  });

  it('reads digests with and without the algorithm, and asks the registry where there is none', () => {
    const told = (sha256: unknown) => outlineOf(artifactory, [changed({ sha256 })]).told;
    const hex64 = 'A1B2C3D4'.repeat(8);
    for (const text of [hex64, `sha256:${hex64.toLowerCase()}`]) {
      expect(told(text)[0]).toBe('pushed docker-local/team/app:v1@a1b2c3d4');
    }
    for (const text of [null, '', 'sample_checksum']) expect(told(text)).toEqual(['hint docker-local/team/app:v1']);
  });

  it('takes image and tag from the path where their fields are empty', () => {
    const told = toldBy(parse(artifactory, changed({ image_name: '', tag: null })));
    expect(told.map(summarise)[0]).toBe('pushed docker-local/team/app:v1@a1b2c3d4');
    expect(parse(artifactory, changed({ tag: null, path: 'v1' })).rejected).toHaveLength(1);
  });

  it('takes the same again for a retry, and a minute later for a genuine return', () => {
    const idAt = (time: string) => parse(artifactory, pushed, parseInstant(time)).events[0]?.id;
    expect(idAt('2026-11-22T12:00:59Z')).toBe(idAt('2026-11-22T12:00:01Z'));
    expect(idAt('2026-11-22T12:01:00Z')).not.toBe(idAt('2026-11-22T12:00:59Z'));
  });

  it('says who, as far as it is told', () => {
    expect(parse(artifactory, pushed).events[0]).toMatchObject({
      actor: 'ci',
      mediaType: null,
      claims: { path: 'team/app/v1/manifest.json', subscription: 'tagwarden-local' },
    });
  });

  it('rejects a type that it does not know', () => {
    expect(parse(artifactory, changed({ event_type: 'renamed' })).rejected).toHaveLength(1);
  });
});
