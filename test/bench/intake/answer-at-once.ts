import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { Controller, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { configureHttp } from '#platform';
import { QUIET } from '../quiet-log.js';

/** The floor of intake: the HTTP server that every app has, answering without reading, checking or keeping anything. */
@Controller('hooks')
class AnswerAtOnceController {
  @Post(':registry')
  @HttpCode(202)
  receive() {
    return { accepted: 1, ignored: 0, rejected: 0 };
  }
}

@Module({ controllers: [AnswerAtOnceController] })
class AnswerAtOnceModule {}

const app = await NestFactory.create<NestExpressApplication>(AnswerAtOnceModule, {
  bodyParser: false,
  logger: false,
  forceCloseConnections: true,
});
configureHttp(app, QUIET);
await app.listen(0, '127.0.0.1');
process.send?.({ type: 'listening', port: (app.getHttpServer().address() as AddressInfo).port });
