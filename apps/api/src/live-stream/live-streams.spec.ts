import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import { type FeedItem, type FeedListener, RecordFeed } from '#application';
import { LiveStreams } from './live-streams.js';

class Feed extends RecordFeed {
  readonly listeners = new Set<FeedListener>();

  override watch(listener: FeedListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(detail: string): void {
    const event = { registry: 'local', repository: 'team/app', detail: { detail } };
    for (const { onItem } of this.listeners) onItem({ type: 'recorded', event } as unknown as FeedItem);
  }
}

function connect(streams: LiveStreams, takes: boolean) {
  const written: string[] = [];
  const write = (chunk: Buffer, _encoding: string, taken: () => void) => {
    written.push(chunk.toString());
    if (takes) taken();
  };
  const response = Object.assign(new Writable({ write }), { req: { method: 'GET' }, writeHead() {} });
  streams.start(response as unknown as Response, {});
  return { response, written };
}

const closed = (response: Writable) => new Promise((resolve) => response.once('close', resolve));

describe('LiveStreams', () => {
  it('sends a client away that does not keep up, and leaves the others alone', async () => {
    const feed = new Feed();
    const streams = new LiveStreams(feed);
    const slow = connect(streams, false).response;
    const quick = connect(streams, true);
    const gone = closed(slow);
    for (let index = 0; index < 30; index += 1) feed.tell('x'.repeat(50_000));
    await gone;
    expect(feed.listeners.size).toBe(1);
    expect(quick.written).toHaveLength(31);
    streams.beforeApplicationShutdown();
    await closed(quick.response);
    expect(feed.listeners.size).toBe(0);
  });

  it('shows that it is alive', async () => {
    const streams = new LiveStreams(new Feed(), 5);
    const { response, written } = connect(streams, true);
    while (!written.includes(': heartbeat\n\n')) await new Promise((resolve) => setTimeout(resolve, 2));
    streams.beforeApplicationShutdown();
    await closed(response);
  });
});
