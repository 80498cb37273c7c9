import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startEmbeddedPostgres } from '#persistence';
import { buildImage, headTag, type KafkaBroker, pushImage, startKafka } from '#testing';
import { notification } from './story.js';
import { World } from './world.js';

type Row = Record<string, unknown>;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Sends events as a registry does: one at a time, each again until it is taken. */
class Stream {
  readonly acknowledged: string[] = [];
  private stopped = false;
  private done: Promise<void>;

  constructor(
    private readonly world: World,
    private readonly repository: string,
  ) {
    this.done = this.run();
  }

  private async run(): Promise<void> {
    for (let number = 0; !this.stopped; number += 1) {
      const id = randomUUID();
      const event = notification({
        repository: this.repository,
        tag: `t${number}`,
        digest: buildImage(`s${number % 5}`).digest,
        id,
      });
      while (!(await this.isTaken(event))) {
        if (this.stopped) return;
        await sleep(50);
      }
      this.acknowledged.push(id);
    }
  }

  private async isTaken(event: Row): Promise<boolean> {
    try {
      return (await this.world.notify([event])) === 202;
    } catch {
      return false;
    }
  }

  async more(count: number): Promise<void> {
    const goal = this.acknowledged.length + count;
    await this.world.eventually(`${count} more are acknowledged`, async () => this.acknowledged.length >= goal, 60_000);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }
}

/** Every event of the repository, by the id that the registry gave it. */
async function recorded(world: World, repository: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: Row[]; nextCursor: string | null } = await world.get(
      `events?repository=${repository}&type=pushed&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    ids.push(...page.items.map(({ sourceId }) => String(sourceId)));
    cursor = page.nextCursor;
  }
  return ids;
}

async function nothingIsLostOrDouble(world: World, repository: string, stream: Stream): Promise<void> {
  await world.eventually(
    'all that was acknowledged is recorded',
    async () => {
      const found = new Set(await recorded(world, repository));
      return stream.acknowledged.every((id) => found.has(id));
    },
    60_000,
  );
  const all = await recorded(world, repository);
  expect(new Set(all).size).toBe(all.length);
}

describe.each(['embedded', 'kafka'] as const)('What is acknowledged survives, on the %s bus', (bus) => {
  let kafka: KafkaBroker | null = null;
  let folder: string;
  let postgres: Awaited<ReturnType<typeof startEmbeddedPostgres>>;
  let world: World;

  beforeAll(async () => {
    // A broker of our own, since it is killed here.
    if (bus === 'kafka') kafka = await startKafka({ own: true });
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-survival-'));
    await chmod(folder, 0o711);
    postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent });
    world = await World.start({
      env: { DATABASE_URL: postgres.adminUrl, ...(kafka === null ? {} : { KAFKA_BROKERS: kafka.brokers.join(',') }) },
    });
  }, 240_000);
  afterAll(async () => {
    await world?.stop();
    await postgres?.stop();
    await kafka?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 120_000);

  test('the process killed between acknowledgement and record', async () => {
    const stream = new Stream(world, 'free/killed');
    for (let kill = 0; kill < 3; kill += 1) {
      await stream.more(40);
      await world.endService('SIGKILL');
      await world.startService();
    }
    await stream.more(20);
    await stream.stop();
    await nothingIsLostOrDouble(world, 'free/killed', stream);
  }, 240_000);

  test('PostgreSQL restarted in the middle of traffic', async () => {
    const stream = new Stream(world, 'free/database');
    await stream.more(40);
    await postgres.stop();
    await sleep(1_500);
    postgres = await startEmbeddedPostgres({ dataDir: folder, log: silent, port: postgres.port });
    await stream.more(40);
    await stream.stop();
    await nothingIsLostOrDouble(world, 'free/database', stream);
    await aTagIsStillPutBack('team/database');
  }, 240_000);

  if (bus === 'kafka') {
    test('Kafka killed and restarted in the middle of traffic', async () => {
      const stream = new Stream(world, 'free/broker');
      await stream.more(40);
      await kafka?.kill();
      await sleep(1_500);
      await kafka?.restart();
      await stream.more(40);
      await stream.stop();
      await nothingIsLostOrDouble(world, 'free/broker', stream);
      await aTagIsStillPutBack('team/broker');
    }, 240_000);
  }

  test('the service told to stop in the middle of traffic finishes what it has', async () => {
    const stream = new Stream(world, 'free/stopped');
    await stream.more(40);
    await world.endService('SIGTERM');
    await world.startService();
    await stream.more(20);
    await stream.stop();
    await nothingIsLostOrDouble(world, 'free/stopped', stream);
  }, 240_000);

  async function aTagIsStillPutBack(repository: string): Promise<void> {
    const original = buildImage(`${repository} original`);
    await pushImage(world.registry.url, repository, 'v1', original);
    await world.sealed(repository, 'v1', original.digest);
    await pushImage(world.registry.url, repository, 'v1', buildImage(`${repository} other`));
    await world.eventually(
      'the tag is put back',
      async () => {
        return (await headTag(world.registry.url, repository, 'v1'))?.digest === original.digest;
      },
      60_000,
    );
  }
});
