import type { IncomingMessage, ServerResponse } from 'node:http';
import { Controller, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import {
  type HandshakeReply,
  Log,
  type NotificationSource,
  NotificationSources,
  type Receipt,
  ReceiveNotification,
  type WebhookRequest,
} from '#application';
import { DomainError, type Instant, instantOf } from '#domain';
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
  ): Promise<Receipt | HandshakeReply> {
    const source = this.sources.find(name);
    if (source === null)
      throw new DomainError('HOOK_UNKNOWN', 'No registry of this name is configured. Check the path of the webhook.');
    const receivedAt = instantOf(Date.now());
    const about = { headers: request.headers, query };
    // A stranger costs no memory, unless it is the body that tells who is none.
    const proof = source.provesBody ? await this.read(request, response) : NO_BODY;
    await this.refuseStranger(source, { ...about, body: proof }, receivedAt, request, response);
    const body = source.provesBody ? proof : await this.read(request, response);
    return this.answer(source, { ...about, body }, receivedAt, response);
  }

  private async refuseStranger(
    source: NotificationSource,
    sender: WebhookRequest,
    receivedAt: Instant,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (await source.isKnownSender(sender, receivedAt)) return;
    this.metrics.notified(source.registry, 'refused', 1);
    this.unknownSenders.tell(source.registry, request.socket.remoteAddress);
    closeAfter(response);
    throw new DomainError(
      'SENDER_UNKNOWN',
      `The webhook token or signature is missing or wrong. It is the one configured under webhook of registry "${source.registry}".`,
    );
  }

  /** Some senders of a handshake take no answer but 200. */
  private async answer(
    source: NotificationSource,
    request: WebhookRequest,
    receivedAt: Instant,
    response: ServerResponse,
  ): Promise<Receipt | HandshakeReply> {
    const answer = await this.notifications.receive(source, request, receivedAt);
    if (!('accepted' in answer)) response.statusCode = 200;
    return answer;
  }

  private read(request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
    return readBody(request, BODY_LIMIT).catch((error: unknown) => {
      if (error instanceof BodyTooLargeError) closeAfter(response);
      throw error;
    });
  }
}

/** What is left of the body is not read, so the connection cannot be used again. */
const closeAfter = (response: ServerResponse): void => {
  response.setHeader('Connection', 'close');
};
