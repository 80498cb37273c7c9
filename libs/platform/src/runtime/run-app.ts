import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Log } from '#application';
import { messageOf } from '#domain';
import { KNOWN_KINDS } from '#registries';
import { type Configuration, readConfiguration } from '../configuration/index.js';
import { configureHttp, HttpModule } from '../http/index.js';
import { NestLog } from '../log/nest-log.js';
import { PinoLog } from '../log/pino-log.js';
import { openRuntime, type Runtime, type RuntimeNeeds } from './runtime.js';
import { RuntimeModule } from './runtime.module.js';

export type AppDescription = RuntimeNeeds & {
  readonly name: string;
  readonly modules: readonly (Type | DynamicModule)[];
  readonly takesWebhooks?: boolean;
  /** Runs when the app listens. */
  readonly onListening?: (running: RunningApp) => Promise<void> | void;
};

export type RunningApp = {
  readonly url: string;
  readonly runtime: Runtime;
  readonly nest: INestApplication;
  /** Registries send their notifications to this very process. */
  readonly takesWebhooks: boolean;
  /** Stops intake, drains, and closes everything. */
  stop(): Promise<void>;
};

@Module({})
class RootModule {}

/** Wires an app and listens. */
export async function startApp(app: AppDescription, configuration: Configuration, log: Log): Promise<RunningApp> {
  const runtime = await openRuntime(configuration, app, log);
  try {
    const root: DynamicModule = {
      module: RootModule,
      imports: [RuntimeModule.of(runtime), HttpModule.of(runtime), ...app.modules],
    };
    const nest = await NestFactory.create<NestExpressApplication>(root, {
      bodyParser: false,
      logger: new NestLog(log),
      forceCloseConnections: true,
      abortOnError: false,
    });
    configureHttp(nest, log);
    await nest.listen(configuration.port, configuration.host);
    const stop = async () => {
      await nest.close();
      await runtime.close();
    };
    const takesWebhooks = app.takesWebhooks === true;
    const running = { url: urlOf(nest), runtime, nest, takesWebhooks, stop };
    await app.onListening?.(running);
    return running;
  } catch (error) {
    await runtime.close().catch(() => undefined);
    throw error;
  }
}

function urlOf(nest: INestApplication): string {
  const { address, port, family } = nest.getHttpServer().address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

/** The whole life of a process: configuration, start, signals, end. */
export async function runApp(app: AppDescription): Promise<void> {
  const configuration = readConfiguration(KNOWN_KINDS);
  const log = new PinoLog({
    ...configuration.log,
    pretty: configuration.log.pretty || process.stdout.isTTY,
    app: app.name,
  });
  try {
    const running = await startApp(app, configuration, log);
    log.info(`${app.name} is listening.`, { url: running.url });
    stopOnSignals(running, log);
  } catch (error) {
    log.error(`${app.name} could not start: ${messageOf(error)}`);
    process.exit(1);
  }
}

const SHUTDOWN_DEADLINE_MS = 30_000;
const SAME_SIGNAL_MS = 1_000;

function stopOnSignals(running: RunningApp, log: Log): void {
  let stoppingSince: number | null = null;
  const stop = async (signal: NodeJS.Signals) => {
    // One Ctrl-C may come twice, from the terminal and from npm; a later one is a person who will not wait.
    if (stoppingSince !== null && Date.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(130);
    if (stoppingSince !== null) return;
    stoppingSince = Date.now();
    log.info(`${signal}: finishing what is running, then stopping.`);
    setTimeout(() => process.exit(1), SHUTDOWN_DEADLINE_MS).unref();
    try {
      await running.stop();
      process.exit(0);
    } catch (error) {
      log.error(`Stopping went wrong: ${messageOf(error)}`);
      process.exit(1);
    }
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
}
