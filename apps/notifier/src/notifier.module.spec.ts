import { describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  AlertChannels,
  AlertDeliveries,
  type BatchHandler,
  Log,
  MessageBus,
  type PlannedDelivery,
  type RecordBatch,
  type TransactionalQuery,
} from '#application';
import type { Instant } from '#domain';
import { NotifierModule } from './notifier.module.js';
import { violationMessage } from './violation-message.fixture.js';

function batchOf(...values: Buffer[]): RecordBatch & { committed: bigint[] } {
  const committed: bigint[] = [];
  const records = values.map((value, i) => ({ offset: BigInt(i + 7), key: 'local/acme/app', value, headers: {} }));
  return {
    topic: 't',
    partition: 0,
    records,
    committed,
    commitWithin: async (_query, offset) => void committed.push(offset),
  };
}

async function startNotifier() {
  const trail: string[] = [];
  let handler: BatchHandler | undefined;
  const subscribe = jest.fn(async (_options: unknown, given: BatchHandler) => {
    handler = given;
    return { stop: async () => void trail.push('intake stopped') };
  });
  const enqueued: PlannedDelivery[] = [];
  const deliveries = {
    claim: async () => {
      trail.push('claimed');
      return [];
    },
    enqueue: async (
      planned: PlannedDelivery[],
      _now: Instant,
      within?: (query: TransactionalQuery) => Promise<void>,
    ) => {
      enqueued.push(...planned);
      await within?.(async () => undefined);
    },
  };
  const channels = {
    list: () => [{ channel: { name: 'ops', send: async () => ({ status: 200 }) }, on: new Set(['detected']) }],
  };
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };

  @Module({
    providers: [
      { provide: MessageBus, useValue: { subscribe } },
      { provide: AlertDeliveries, useValue: deliveries },
      { provide: AlertChannels, useValue: channels },
      { provide: Log, useValue: log },
    ],
    exports: [MessageBus, AlertDeliveries, AlertChannels, Log],
  })
  class Surroundings {}

  const app = await Test.createTestingModule({ imports: [NotifierModule.with([Surroundings])] }).compile();
  await app.init();
  return { app, subscribe, enqueued, trail, take: (batch: RecordBatch) => handler!(batch) };
}

describe('NotifierModule', () => {
  it('enqueues what a batch tells, commits its position with it, and wakes the courier', async () => {
    const { app, subscribe, enqueued, trail, take } = await startNotifier();
    expect(subscribe.mock.calls[0]?.[0]).toMatchObject({
      topic: 'tagwarden.violations',
      group: 'tagwarden-notifier',
      from: 'earliest',
    });
    await new Promise((resolve) => setImmediate(resolve));
    trail.length = 0;
    const batch = batchOf(
      violationMessage(),
      violationMessage({ id: 'event-2', type: 'tagwarden.violation.restored' }),
    );
    await take(batch);
    expect(enqueued.map(({ channel, alert, followUp }) => [channel, alert.change, followUp])).toEqual([
      ['ops', 'detected', false],
      ['ops', 'restored', true],
    ]);
    expect(batch.committed).toEqual([8n]);
    expect(trail).toEqual(['claimed']);
    await app.close();
    expect(trail.at(-1)).toBe('intake stopped');
  });

  it('commits the position of a batch that interests no channel', async () => {
    const { app, enqueued, take } = await startNotifier();
    const batch = batchOf(violationMessage({ type: 'tagwarden.violation.restoring' }));
    await take(batch);
    expect(enqueued).toEqual([]);
    expect(batch.committed).toEqual([7n]);
    await app.close();
  });

  it('keeps nothing of a batch with a bad record, and lets the bus find it', async () => {
    const { app, enqueued, take } = await startNotifier();
    const batch = batchOf(violationMessage(), Buffer.from('nonsense'));
    await expect(take(batch)).rejects.toMatchObject({ code: 'NOT_A_VIOLATION_CHANGE', retriable: false });
    expect(enqueued).toEqual([]);
    expect(batch.committed).toEqual([]);
    await app.close();
  });
});
