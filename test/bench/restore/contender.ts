import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage, freePort, pushImage, putManifest, type TestImage } from '#testing';
import type { Bench } from '../bench.js';
import { type BenchDatabase, withClient } from '../bench-postgres.js';
import { startScript } from '../child-process.js';
import { startService } from '../service.js';
import type { Kept } from './bare-restorer.js';
import { startNotifyingRegistry } from './notifying-registry.js';
import { PushObserver } from './push-observer.js';

export const REPOSITORY = 'acme/restored';
export const ORIGINAL: TestImage = buildImage('the original');
export const OTHER: TestImage = buildImage('somebody else’s');

/** A registry with somebody who puts back what was overwritten. */
export type Contender = {
  readonly name: string;
  readonly registry: string;
  readonly observer: PushObserver;
};

const SEALED_LIMIT_MS = 60_000;

export async function startFloor(bench: Bench, tags: readonly string[]): Promise<Contender> {
  const port = await freePort();
  const child = startScript('test/bench/restore/bare-restorer.js', [String(port)], {});
  bench.cleanUp.add(() => child.stop());
  await child.message('listening');
  const contender = await startRegistry(
    bench,
    'floor, straight from the webhook',
    await freePort(),
    `http://127.0.0.1:${port}/`,
  );
  const { registry } = contender;
  const { digest, mediaType, bytes } = ORIGINAL;
  const isKept = child.message('kept');
  child.send({ type: 'keep', registry, digest, mediaType, base64: bytes.toString('base64') } satisfies Kept);
  await isKept;
  await pushOriginals(registry, tags);
  return contender;
}

export async function startTagwarden(
  bench: Bench,
  bus: 'embedded' | 'kafka',
  tags: readonly string[],
): Promise<Contender> {
  const [port, registryPort] = [await freePort(), await freePort()];
  const database = await bench.postgres.createDatabase();
  const kafkaBrokers = bus === 'kafka' ? bench.kafkaBrokers : null;
  const registryUrl = `http://127.0.0.1:${registryPort}`;
  await startService(bench, { app: 'standalone', database, kafkaBrokers, registryUrl, port });
  const name = bus === 'kafka' ? 'Kafka' : 'embedded bus';
  const contender = await startRegistry(bench, name, registryPort, `http://127.0.0.1:${port}/hooks/local`);
  await pushOriginals(contender.registry, tags);
  await waitUntilSealed(database, tags.length);
  return contender;
}

async function startRegistry({ cleanUp }: Bench, name: string, port: number, hook: string): Promise<Contender> {
  const observer = await PushObserver.start(cleanUp);
  const registry = await startNotifyingRegistry(cleanUp, port, { restorer: hook, observer: observer.url });
  return { name, registry, observer };
}

async function pushOriginals(registry: string, tags: readonly string[]): Promise<void> {
  // Its blobs have to be there before it is pushed over a tag.
  await pushImage(registry, REPOSITORY, OTHER.digest, OTHER);
  for (const [index, tag] of tags.entries()) {
    if (index === 0) await pushImage(registry, REPOSITORY, tag, ORIGINAL);
    else await putManifest(registry, REPOSITORY, tag, ORIGINAL);
  }
}

/** With the manifest in the vault: what is measured is the restoring, not the first fetch. */
async function waitUntilSealed(database: BenchDatabase, count: number): Promise<void> {
  const deadline = Date.now() + SEALED_LIMIT_MS;
  await withClient(database.url, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ sealed: string; kept: string }>(
        'SELECT (SELECT count(*) FROM tag WHERE seal_digest = $1) AS sealed, (SELECT count(*) FROM manifest WHERE digest = $1) AS kept',
        [ORIGINAL.digest],
      );
      if (Number(rows[0]?.sealed) === count && Number(rows[0]?.kept) === 1) return;
      if (Date.now() > deadline) throw new Error(`Not sealed within a minute: ${JSON.stringify(rows[0])} of ${count}.`);
      await sleep(50);
    }
  });
}
