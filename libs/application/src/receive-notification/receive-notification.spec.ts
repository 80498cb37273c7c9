import { describe, expect, test } from '@jest/globals';
import { decodeRecorderMessage } from '#contracts';
import { DomainError, instantOf, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import type { MessageBus, OutgoingMessage } from '../ports/message-bus.js';
import type { NotificationSource, Understood } from '../ports/notification-source.js';
import { ReceiveNotification } from './receive-notification.js';

const NOW = instantOf(Date.now());
const request = { headers: { 'content-type': 'text/plain' }, query: {}, body: Buffer.from('rubbish') };

const sourceOf = (understood: Partial<Understood>) =>
  ({
    registry: parseRegistryName('local'),
    understand: () => ({
      events: [],
      hints: [],
      handshake: null,
      ignored: 0,
      ignoredPulls: 0,
      rejected: [],
      ...understood,
    }),
  }) as unknown as NotificationSource;

const noVisits = async () => {
  throw new Error('Nothing asked for a visit.');
};

function busOf(publish: (messages: readonly OutgoingMessage[]) => void) {
  const published: OutgoingMessage[] = [];
  const bus = {
    publish: async (_topic: string, messages: readonly OutgoingMessage[]) => {
      publish(messages);
      published.push(...messages);
    },
  } as unknown as MessageBus;
  return { bus, published };
}

describe('A notification', () => {
  test('that holds nothing of interest is not published', async () => {
    const { bus, published } = busOf(() => undefined);
    const receipt = await new ReceiveNotification(bus, noVisits).receive(sourceOf({ ignored: 3 }), request, NOW);
    expect(receipt).toEqual({ accepted: 0, ignored: 3, rejected: 0 });
    expect(published).toEqual([]);
  });

  test('that cannot be understood is published as rejected, with the same id when it is sent again', async () => {
    const { bus, published } = busOf(() => undefined);
    const receive = new ReceiveNotification(bus, noVisits);
    const source = sourceOf({ rejected: [{ reason: 'No JSON.', payload: 'rubbish' }] });
    await receive.receive(source, request, NOW);
    await receive.receive(source, request, NOW);
    const messages = published.map(({ value }) => decodeRecorderMessage(value));
    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatchObject({
      kind: 'rejected',
      rejected: { registry: 'local', reason: 'No JSON.', contentType: 'text/plain' },
    });
    expect(messages[0]).toEqual(messages[1]);
  });

  test('that the bus finds too large is kept in part rather than refused for ever', async () => {
    const limit = 1_000_000;
    const { bus, published } = busOf((messages) => {
      if (messages.some(({ value }) => value.length > limit)) throw new DomainError('MESSAGE_REJECTED', 'Too large.');
    });
    const rejected = [{ reason: 'No JSON.', payload: 'x'.repeat(1024 * 1024) }];
    await new ReceiveNotification(bus, noVisits).receive(sourceOf({ rejected }), request, NOW);
    expect(decodeRecorderMessage(published[0]!.value)).toMatchObject({
      rejected: { reason: expect.stringContaining('beginning') },
    });
  });

  test('is not acknowledged when the bus is away', async () => {
    const { bus } = busOf(() => {
      throw new DomainError('BUS_UNAVAILABLE', 'Away.', { retriable: true });
    });
    const source = sourceOf({ rejected: [{ reason: 'No JSON.', payload: 'rubbish' }] });
    await expect(new ReceiveNotification(bus, noVisits).receive(source, request, NOW)).rejects.toMatchObject({
      retriable: true,
    });
  });

  test('that names a tag without its digest has the tag looked up', async () => {
    const { bus, published } = busOf(() => undefined);
    const hint = {
      registry: parseRegistryName('local'),
      repository: parseRepositoryName('team/app'),
      tag: parseTagName('v1'),
      actor: 'ci',
      occurredAt: NOW,
      receivedAt: NOW,
      source: 'spec',
      sourceId: '1',
      claims: {},
    };
    const receipt = await new ReceiveNotification(bus, noVisits).receive(sourceOf({ hints: [hint] }), request, NOW);
    expect(receipt).toEqual({ accepted: 1, ignored: 0, rejected: 0 });
    expect(published.map(({ value }) => decodeRecorderMessage(value))).toEqual([{ kind: 'hint', hint }]);
  });

  test('that is a handshake is answered, or its address visited', async () => {
    const visited: string[] = [];
    const { bus } = busOf(() => undefined);
    const receive = new ReceiveNotification(bus, async (url) => void visited.push(url.href));
    const reply = sourceOf({ handshake: { type: 'reply', body: { validationResponse: '42' } } });
    expect(await receive.receive(reply, request, NOW)).toEqual({ validationResponse: '42' });
    const visit = sourceOf({ handshake: { type: 'visit', url: new URL('https://vendor.example/confirm') } });
    expect(await receive.receive(visit, request, NOW)).toEqual({ accepted: 0, ignored: 0, rejected: 0 });
    expect(visited).toEqual(['https://vendor.example/confirm']);
  });
});
