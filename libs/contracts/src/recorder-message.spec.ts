import { describe, expect, test } from '@jest/globals';
import { decodeRecorderMessage, encodeRecorderMessage, RecorderMessage } from './recorder-message.js';

const pushed = {
  kind: 'event',
  event: {
    type: 'pushed',
    id: '0198c1f2-6a1b-8c3d-9e4f-1a2b3c4d5e6f',
    registry: 'local',
    repository: 'team/app',
    tag: 'v1',
    digest: `sha256:${'a'.repeat(64)}`,
    mediaType: null,
    actor: 'ci',
    occurredAt: '2026-08-20T09:14:03.512345Z',
    receivedAt: '2026-08-20T09:14:04.000000Z',
    source: 'distribution',
    sourceId: '1',
    claims: { userAgent: 'skopeo' },
  },
} as unknown as RecorderMessage & { kind: 'event' };

describe('A message for the recorder', () => {
  test('comes back as it went', () => {
    const { key, value } = encodeRecorderMessage(pushed);
    expect(key).toBe('local/team/app');
    expect(decodeRecorderMessage(value)).toEqual(pushed);
  });

  const event = pushed.event as unknown as Record<string, unknown>;
  const { tag: _, digest: __, mediaType: ___, ...bare } = event;
  const sound = [
    event,
    { ...event, tag: null, mediaType: 'application/vnd.oci.image.index.v1+json', manifest: 'e30=' },
    { ...bare, type: 'tagDeleted', tag: 'v1' },
    { ...bare, type: 'manifestDeleted', digest: event.digest },
    { ...bare, type: 'repositoryDeleted' },
    { ...event, type: 'pulled', actor: null },
    { ...event, type: 'observed', digest: null },
    { ...event, type: 'sealAccepted', violationId: 'v', reason: 'rebuilt' },
  ];
  test.each(sound)('comes back as it went, by the short way and by the schema: $type', (one) => {
    const message = { kind: 'event', event: one };
    expect(decodeRecorderMessage(Buffer.from(JSON.stringify(message)))).toEqual(message);
    expect(RecorderMessage.parse(message)).toEqual(message);
  });

  const broken = Object.keys(event).flatMap((key) =>
    [undefined, 7, 'NO SUCH', {}, [], ''].map((value) => [key, value] as const),
  );
  test.each(broken)('is judged alike by the short way and by the schema: %s = %j', (key, value) => {
    const message = JSON.parse(JSON.stringify({ kind: 'event', event: { ...event, [key]: value } }));
    const outcomeOf = (judge: () => unknown) => {
      try {
        return judge();
      } catch {
        return 'refused';
      }
    };
    const byShortWay = outcomeOf(() => decodeRecorderMessage(Buffer.from(JSON.stringify(message))));
    expect(byShortWay).toEqual(outcomeOf(() => RecorderMessage.parse(message)));
  });

  test('holds no text that PostgreSQL refuses', () => {
    const hostile = { ...pushed, event: { ...pushed.event, actor: 'a\u0000b\uD800', claims: { userAgent: '\u0000' } } };
    const decoded = decodeRecorderMessage(encodeRecorderMessage(hostile as RecorderMessage).value);
    expect(decoded).toMatchObject({ event: { actor: 'a\uFFFDb\uFFFD', claims: { userAgent: '\uFFFD' } } });
  });

  test.each([
    ['no JSON', 'rubbish'],
    ['another kind', '{"kind":"else"}'],
    ['a malformed digest', JSON.stringify({ ...pushed, event: { ...pushed.event, digest: 'sha256:no' } })],
    [
      'a time that does not sort',
      JSON.stringify({ ...pushed, event: { ...pushed.event, occurredAt: '2026-08-20T09:14:03Z' } }),
    ],
  ])('is refused: %s', (_, text) => {
    expect(() => decodeRecorderMessage(Buffer.from(text))).toThrow();
  });
});
