import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { stopIdleTimerOfKafkajs } from './request-queue-patch.js';

const require = createRequire(import.meta.url);

function pushInto(queue: { push(request: object): void }, correlationId: number, sent: number[]) {
  const entry = { correlationId, apiKey: 0, apiName: 'x', apiVersion: 0, resolve: () => {}, reject: () => {} };
  queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
}

describe('the idle timer of kafkajs', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  function newQueue(options: object = {}) {
    const RequestQueue = require('kafkajs/src/network/requestQueue');
    const logger = { debug: () => {}, warn: () => {} };
    const limits = { maxInFlightRequests: null, requestTimeout: 1000, enforceRequestTimeout: false };
    return new RequestQueue({ ...limits, clientId: 'c', broker: 'b', logger, ...options });
  }

  test('the patch is for the kafkajs that is installed', () => {
    expect(require('kafkajs/package.json').version).toBe('2.2.4');
    expect(stopIdleTimerOfKafkajs()).toBe(true);
    expect(stopIdleTimerOfKafkajs()).toBe(true);
  });

  test('is not armed when nothing is pending and nothing is throttled', () => {
    const queue = newQueue();
    pushInto(queue, 1, []);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(jest.getTimerCount()).toBe(0);
  });

  test('still sends a throttled request once the throttle is over, then rests', () => {
    const queue = newQueue();
    const sent: number[] = [];
    queue.maybeThrottle(500);
    pushInto(queue, 1, sent);
    jest.advanceTimersByTime(400);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(200);
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(jest.getTimerCount()).toBe(0);
  });

  test('still sends what waited for room among the requests in flight', () => {
    const queue = newQueue({ maxInFlightRequests: 1 });
    const sent: number[] = [];
    pushInto(queue, 1, sent);
    pushInto(queue, 2, sent);
    expect(sent).toEqual([1]);
    queue.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
    expect(sent).toEqual([1, 2]);
  });
});
