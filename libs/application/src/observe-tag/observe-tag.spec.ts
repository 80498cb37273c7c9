import { describe, expect, test } from '@jest/globals';
import { decodeRecorderMessage } from '#contracts';
import { type Digest, digestOfBytes, instantOf, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import type { Log } from '../ports/log.js';
import type { MessageBus, OutgoingMessage } from '../ports/message-bus.js';
import { type DueObservation, ObservationQueue } from '../ports/observation-queue.js';
import { type RegistryClients, RegistryError } from '../ports/registry-client.js';
import { ObserveTag } from './observe-tag.js';

const [A, B] = ['a', 'b'].map((name) => digestOfBytes(Buffer.from(name))) as [Digest, Digest];
const NOW = Date.parse('2026-11-22T12:00:00Z');
const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const hint = {
  actor: 'ci',
  occurredAt: instantOf(NOW - 1_000),
  receivedAt: instantOf(NOW - 500),
  source: 'the source',
  sourceId: 'its id',
  claims: { address: '10.0.0.7' },
};
const due: DueObservation = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
  tagId: 'id',
  attempts: 1,
  hint: null,
  seen: null,
  lease: 'lease',
};

class Queue extends ObservationQueue {
  readonly deeds: unknown[] = [];
  override claim = async () => [];
  override nextDueInMs = async () => null;
  override finish = async () => void this.deeds.push('finished');
  override lookAgain = async (_: DueObservation, seen: string) => void this.deeds.push(`again after ${seen}`);
  override postpone = async () => void this.deeds.push('postponed');
}

async function observe(observation: Partial<DueObservation>, answer: Digest | null | Error) {
  const queue = new Queue();
  const published: OutgoingMessage[] = [];
  const bus = { publish: async (_: string, all: OutgoingMessage[]) => void published.push(...all) };
  const findManifestHead = async () => {
    if (answer instanceof Error) throw answer;
    return answer === null ? null : { digest: answer, mediaType: 'image' };
  };
  const clients = { get: () => ({ findManifestHead }) } as unknown as RegistryClients;
  const look = new ObserveTag(queue, clients, bus as unknown as MessageBus, silent, () => NOW);
  await look.observe({ ...due, ...observation });
  const told = published.map(({ value }) => decodeRecorderMessage(value));
  return { deeds: queue.deeds, told: told.map((message) => (message.kind === 'event' ? message.event : message)) };
}

describe('A tag that is looked up', () => {
  test.each([A, null])('is told as it is: %s', async (digest) => {
    const { deeds, told } = await observe({}, digest);
    expect(told).toMatchObject([{ type: 'observed', tag: 'v1', digest, source: 'sweeper', actor: null }]);
    expect(deeds).toEqual(['finished']);
  });

  test('is looked up later where the registry does not answer', async () => {
    const { deeds, told } = await observe({}, new RegistryError('REGISTRY_UNREACHABLE', 'Away.', { retriable: true }));
    expect([deeds, told]).toEqual([['postponed'], []]);
  });
});

describe('A tag that a registry gave a hint of', () => {
  test('is told at once, with who and by whom it is known, and looked at once more', async () => {
    const { deeds, told } = await observe({ hint }, A);
    expect(told).toMatchObject([
      { digest: A, actor: 'ci', source: 'the source', sourceId: 'its id', occurredAt: instantOf(NOW) },
    ]);
    expect(told[0]).toMatchObject({ claims: { address: '10.0.0.7', notifiedAt: hint.receivedAt } });
    expect(deeds).toEqual([`again after ${A}`]);
  });

  test('that is not there yet is no deletion at the first look', async () => {
    expect(await observe({ hint }, null)).toEqual({ deeds: ['again after absent'], told: [] });
  });

  test.each<[string, Digest | 'absent', Digest | null, (Digest | null)[]]>([
    ['nothing where it stands', A, A, []],
    ['that it is absent still', 'absent', null, [null]],
    ['what was written late', 'absent', B, [B]],
    ['what has changed since', A, B, [B]],
    ['that it is gone again', A, null, [null]],
  ])('the second look tells %s', async (_, seen, found, expected) => {
    const { deeds, told } = await observe({ hint, seen }, found);
    expect(told.map((event) => 'digest' in event && event.digest)).toEqual(expected);
    expect(deeds).toEqual(['finished']);
  });
});
