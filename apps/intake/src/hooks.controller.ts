import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import { Log, NotificationSources, type Receipt, ReceiveNotification } from '#application';
import { DomainError, instantOf } from '#domain';
import { Metrics, Public } from '#platform';
import { BodyTooLargeError, readBody } from './read-body.js';
import { UnknownSenders } from './unknown-senders.js';

/** More than any notification holds that a registry sends. */
const BODY_LIMIT = 1024 * 1024;
const NO_BODY = Buffer.alloc(0);

/** Where registries send their notifications. */
@Controller('hooks')
export class HooksController {
  private readonly unknownSenders: UnknownSenders;

  constructor(
    @Inject(NotificationSources) private readonly sources: NotificationSources,
    @Inject(ReceiveNotification) private readonly notifications: ReceiveNotification,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(Log) log: Log,
  ) {
    this.unknownSenders = new UnknownSenders(log);
  }

  /** 2xx only after a durable write: a sender that sees anything else sends it again. */
  @Public()
  @Post(':registry')
  @HttpCode(202)
  async receive(
    @Param('registry') name: string,
    @Query() query: Record<string, unknown>,
    @Req() request: IncomingMessage,
    @Res({ passthrough: true }) response: ServerResponse,
  ): Promise<Receipt> {
    const source = this.sources.find(name);
    if (source === null)
      throw new DomainError('HOOK_UNKNOWN', 'No registry of this name is configured. Check the path of the webhook.');
    // Before the body is read: a stranger costs no memory.
    if (!source.isKnownSender({ headers: request.headers, query, body: NO_BODY })) {
      this.metrics.notified(name, 'refused', 1);
      this.unknownSenders.tell(name, request.socket.remoteAddress);
      closeAfter(response);
      throw new DomainError(
        'SENDER_UNKNOWN',
        `The webhook token is missing or wrong. It is the one configured under webhook of registry "${name}".`,
      );
    }
    const receivedAt = instantOf(Date.now());
    const body = await readBody(request, BODY_LIMIT).catch((error: unknown) => {
      if (error instanceof BodyTooLargeError) closeAfter(response);
      throw error;
    });
    return this.notifications.receive(source, { headers: request.headers, query, body }, receivedAt);
  }
}

/** What is left of the body is not read, so the connection cannot be used again. */
const closeAfter = (response: ServerResponse): void => {
  response.setHeader('Connection', 'close');
};
