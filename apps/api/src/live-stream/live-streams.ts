import type { BeforeApplicationShutdown } from '@nestjs/common';
import type { Response } from 'express';
import type { FeedItem, RecordFeed } from '#application';
import type { StreamQuery } from '#contracts';

const HEARTBEAT_MS = 15_000;
/** A client that lets more than this pile up is sent away. */
const MAX_BUFFERED_BYTES = 1024 * 1024;
const RECONNECT_AFTER_MS = 2_000;

/** The clients that watch, each over one answer that does not end. */
export class LiveStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<Response>();

  constructor(
    private readonly feed: RecordFeed,
    private readonly heartbeatMs: number = HEARTBEAT_MS,
  ) {}

  start(response: Response, filter: StreamQuery): void {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      // A proxy that collects an answer before it passes it on would never pass this one on.
      'X-Accel-Buffering': 'no',
    });
    if (response.req.method === 'HEAD') return void response.end();
    response.write(`retry: ${RECONNECT_AFTER_MS}\n\n`);
    const stopWatching = this.feed.watch({
      onItem: (item) => {
        if (isWanted(item, filter)) write(response, frameOf(item));
      },
      onGap: () => response.end(),
    });
    const heartbeat = setInterval(() => write(response, ': heartbeat\n\n'), this.heartbeatMs);
    this.open.add(response);
    response.once('close', () => {
      clearInterval(heartbeat);
      stopWatching();
      this.open.delete(response);
    });
  }

  /** The server closes only when every answer has ended. */
  beforeApplicationShutdown(): void {
    for (const response of this.open) response.end();
  }
}

function write(response: Response, frame: string): void {
  if (response.writableEnded || response.destroyed) return;
  response.write(frame);
  if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
}

function isWanted(item: FeedItem, { registry, repository }: StreamQuery): boolean {
  const subject = item.type === 'recorded' ? item.event : item.violation;
  return (
    (registry === undefined || subject.registry === registry) &&
    (repository === undefined || subject.repository === repository)
  );
}

const frameOf = (item: FeedItem): string =>
  `event: ${item.type}\ndata: ${JSON.stringify(item.type === 'recorded' ? item.event : item.violation)}\n\n`;
