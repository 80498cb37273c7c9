import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HttpModule, loadConfiguration, openRuntime, RuntimeModule } from '#platform';
import { KNOWN_KINDS } from '#registries';
import { RecorderModule } from '../../../apps/recorder/src/recorder.module.js';
import { QUIET } from '../quiet-log.js';
import { WatchedBus } from './watched-bus.js';

const RSS_EVERY_MS = 50;

export type RecorderDone = {
  readonly type: 'done';
  /** From the first batch handed over to the last one committed. */
  readonly elapsedMs: number;
  /** This process’s own, in the same time. */
  readonly cpuMs: number;
  readonly rssBytes: readonly number[];
};

/** The recorder as it is wired in production, told to report when it has recorded so many. Arguments: topic, group, count. */
@Module({})
class RecorderRoot {}

const [topic = '', group = '', wanted = '0'] = process.argv.slice(2);
const configuration = loadConfiguration({ env: process.env, cwd: process.cwd(), knownKinds: KNOWN_KINDS });
const runtime = await openRuntime(configuration, { database: true, standalone: false }, QUIET);

const rssBytes: number[] = [];
let startedAt: number | null = null;
let cpuBefore = process.cpuUsage();
let left = Number(wanted);
let sampling: NodeJS.Timeout | undefined;

const bus = new WatchedBus(runtime.bus, {
  topic,
  group,
  onBatchTaken: () => {
    if (startedAt !== null) return;
    startedAt = performance.now();
    cpuBefore = process.cpuUsage();
    sampling = setInterval(() => rssBytes.push(process.memoryUsage.rss()), RSS_EVERY_MS);
  },
  onBatchRecorded: (records) => {
    left -= records;
    if (left > 0) return;
    clearInterval(sampling);
    const { user, system } = process.cpuUsage(cpuBefore);
    const elapsedMs = performance.now() - (startedAt ?? 0);
    process.send?.({ type: 'done', elapsedMs, cpuMs: (user + system) / 1_000, rssBytes } satisfies RecorderDone);
  },
});
const watched = { ...runtime, bus };
const app = await NestFactory.createApplicationContext(
  { module: RecorderRoot, imports: [RuntimeModule.of(watched), HttpModule.of(watched), RecorderModule] },
  { logger: false, abortOnError: false },
);
process.on('SIGTERM', async () => {
  await app.close();
  await runtime.close();
  process.exit(0);
});
