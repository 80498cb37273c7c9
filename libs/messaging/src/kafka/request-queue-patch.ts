import { createRequire } from 'node:module';

type RequestQueue = {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
};

const PATCHED = Symbol.for('tagwarden.kafkajs.requestQueue');

/**
 * kafkajs 2.2.4 re-arms a timer of about 1 ms for ever on each connection that has ever answered, to look for requests that wait although
 * none does; that takes some percents of an idle core. With nothing pending there is nothing to look for: the next `push` arms the
 * timer itself when its request has to wait. Does nothing, and says so, should kafkajs have changed.
 */
export function stopIdleTimerOfKafkajs(): boolean {
  const requestQueue = loadRequestQueue();
  const original = requestQueue?.prototype?.scheduleCheckPendingRequests;
  if (!requestQueue || typeof original !== 'function') return false;
  if (PATCHED in requestQueue.prototype) return true;
  Object.defineProperty(requestQueue.prototype, PATCHED, { value: true });
  requestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) original.call(this);
  };
  return true;
}

function loadRequestQueue(): { prototype: RequestQueue } | undefined {
  try {
    return createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  } catch {
    return undefined;
  }
}
