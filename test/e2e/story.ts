import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import {
  buildImage,
  buildIndex,
  deleteManifest,
  headTag,
  pushImage,
  pushIndex,
  putManifest,
  skopeo,
  type TestImage,
  type TestIndex,
  writeOciLayout,
} from '#testing';
import { ALERT_SECRET, World, type WorldOptions } from './world.js';

type Row = Record<string, unknown>;

/** A program by which people push: an OCI layout, all of it, to `host/repository:tag`. */
export type PushClient = { readonly name: string; push(layout: string, reference: string): Promise<unknown> };

const SKOPEO: PushClient = {
  name: 'skopeo',
  push: (layout, reference) =>
    skopeo(['copy', '--all', '--preserve-digests', `oci:${layout}:x`, `docker://${reference}`]),
};

export type StoryOptions = {
  /** Default: skopeo. */
  readonly client?: PushClient;
  /** Only the chapters in which the registry has a part; what Tagwarden does by itself is the same on each. */
  readonly registryOnly?: boolean;
  /** Of the start, first installations included. */
  readonly startLimitMs?: number;
};

/** What a teller has who goes on with the story. Its world is there once the tests run. */
export type Story = {
  world(): World;
  /** By the client; answers the digest. */
  copy(image: TestImage | TestIndex, repository: string, tag: string): Promise<string>;
  digestOf(repository: string, reference: string): Promise<string | null>;
  standsAt(repository: string, tag: string, digest: string): Promise<void>;
  /** All violations of the repository are in the state, and there are at least so many. */
  closed(repository: string, state: string, count?: number): Promise<void>;
};

/** The story of Tagwarden on real parts; run on each bus, and in part on each registry. */
export function tellTheStory(options: () => Promise<WorldOptions>, told: StoryOptions = {}): Story {
  const { client = SKOPEO, registryOnly = false, startLimitMs = 120_000 } = told;
  let world: World;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-images-'));
    world = await World.start(await options());
  }, startLimitMs);
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const digestOf = async (repository: string, tag: string) =>
    (await headTag(world.registry.url, repository, tag))?.digest ?? null;
  const standsAt = (repository: string, tag: string, digest: string) =>
    world.eventually(
      `${repository}:${tag} stands at ${digest}`,
      async () => (await digestOf(repository, tag)) === digest,
    );
  const closed = (repository: string, state: string, count = 1) =>
    world.eventually(`${count} violation(s) of ${repository} are ${state}`, async () => {
      const violations = await world.violations(repository);
      return violations.length >= count && violations.every((violation) => violation.state === state);
    });
  const push = async (repository: string, tag: string, image: TestImage): Promise<string> => {
    await pushImage(world.registry.url, repository, tag, image);
    return image.digest;
  };

  /** Pushes by a client, as people do. */
  const copy = async (image: TestImage | TestIndex, repository: string, tag: string) => {
    const layout = join(folder, randomUUID());
    await writeOciLayout(image, layout, 'x');
    await client.push(layout, `${world.registry.host}/${repository}:${tag}`);
    return image.digest;
  };
  const story: Story = { world: () => world, copy, digestOf, standsAt, closed };

  test(`a first push by ${client.name} is recorded, sealed and kept`, async () => {
    const digest = await copy(buildImage('first'), 'team/first', 'v1');
    await world.sealed('team/first', 'v1', digest);
    const [binding, ...earlier] = await world.items<Row>('history?registry=local&repository=team/first&tag=v1');
    expect(binding).toMatchObject({ digest, unboundAt: null, cause: 'pushed' });
    expect(earlier).toEqual([]);
    expect(await world.get('resolve?registry=local&repository=team/first&tag=v1')).toMatchObject({ digest });
  });

  test('the same digest pushed again is no violation', async () => {
    const image = buildImage('again');
    await push('team/again', 'v1', image);
    await world.sealed('team/again', 'v1', image.digest);
    await push('team/again', 'v1', image);
    await world.eventually('both pushes are recorded', async () => {
      return (await world.items('events?registry=local&repository=team/again&tag=v1&type=pushed')).length === 2;
    });
    expect(await world.violations('team/again')).toEqual([]);
    expect(await world.items('history?registry=local&repository=team/again&tag=v1')).toHaveLength(1);
  });

  test('an overwritten tag is put back, people are told, and the trail shows all of it', async () => {
    const original = await copy(buildImage('original'), 'team/app', 'v1');
    await world.sealed('team/app', 'v1', original);
    const other = await copy(buildImage('other'), 'team/app', 'v1');
    await standsAt('team/app', 'v1', original);
    await closed('team/app', 'restored');
    const [violation] = await world.violations('team/app');
    expect(violation).toMatchObject({
      kind: 'overwrite',
      tag: 'v1',
      sealedDigest: original,
      foundDigest: other,
      rule: { name: 'releases' },
    });
    expect(violation?.restorations).toMatchObject([{ outcome: 'restored', missingBlobs: [] }]);
    expect(violation?.restoredAt).not.toBeNull();
    // What was read back is recorded by way of the bus, a moment after the violation is closed.
    await world.eventually('the trail shows all of it', async () => {
      const trail = await world.items<Row>('events?registry=local&repository=team/app&tag=v1');
      return ['pushed', 'observed', 'restored'].every((type) => trail.some((event) => event.type === type));
    });
    await world.eventually('both alerts have come', async () => alertsOf(violation?.id).length >= 2);
    expect(alertsOf(violation?.id).map(({ type }) => type)).toEqual([
      'tagwarden.violation.detected',
      'tagwarden.violation.restored',
    ]);
  });

  const alertsOf = (violationId: string | undefined) =>
    world.alerts
      .map(
        ({ headers, body }) =>
          new Webhook(ALERT_SECRET).verify(body, headers as Record<string, string>) as { type: string; data: Row },
      )
      .filter(({ data }) => data.id === violationId);

  test('a manifest deleted by digest comes back under each of its tags', async () => {
    const image = buildImage('two tags');
    await push('team/two', 'v1', image);
    await putManifest(world.registry.url, 'team/two', 'stable', image);
    await world.sealed('team/two', 'v1', image.digest);
    await world.sealed('team/two', 'stable', image.digest);
    await deleteManifest(world.registry.url, 'team/two', image.digest);
    await standsAt('team/two', 'v1', image.digest);
    await standsAt('team/two', 'stable', image.digest);
    await closed('team/two', 'restored', 2);
    expect(new Set((await world.violations('team/two')).map(({ kind, tag }) => `${kind} ${tag}`))).toEqual(
      new Set(['deletion v1', 'deletion stable']),
    );
  });

  test('a multi-platform index is put back whole, its children first', async () => {
    const index = buildIndex('platforms');
    await copy(index, 'team/multi', 'v1');
    await world.sealed('team/multi', 'v1', index.digest);
    await copy(buildImage('one platform'), 'team/multi', 'v1');
    await standsAt('team/multi', 'v1', index.digest);
    await closed('team/multi', 'restored');
    for (const child of index.images) await deleteManifest(world.registry.url, 'team/multi', child.digest);
    await deleteManifest(world.registry.url, 'team/multi', index.digest);
    await standsAt('team/multi', 'v1', index.digest);
    await world.eventually('every child is back', async () => {
      const children = await Promise.all(index.images.map((child) => digestOf('team/multi', child.digest)));
      return children.every((digest, position) => digest === index.images[position]?.digest);
    });
    await closed('team/multi', 'restored', 2);
  });

  test('one lost child of a sealed index is put back', async () => {
    const index = buildIndex('child lost');
    await pushIndex(world.registry.url, 'team/child', 'v1', index);
    await world.sealed('team/child', 'v1', index.digest);
    const lost = index.images[0]!.digest;
    await deleteManifest(world.registry.url, 'team/child', lost);
    await world.eventually('the child is back', async () => (await digestOf('team/child', lost)) === lost);
    await closed('team/child', 'restored');
  });

  test('a child pushed under the tag before its index settles: the seal moves, and nothing is put back', async () => {
    const index = buildIndex('settling');
    await push('team/settling', 'v1', index.images[0]!);
    await world.sealed('team/settling', 'v1', index.images[0]!.digest);
    await pushIndex(world.registry.url, 'team/settling', 'v1', index);
    await world.sealed('team/settling', 'v1', index.digest);
    await sleep(1_000);
    expect(await digestOf('team/settling', 'v1')).toBe(index.digest);
    const standing = (await world.violations('team/settling')).filter(({ state }) => state !== 'withdrawn');
    expect(standing).toEqual([]);
  });

  if (registryOnly) return story;

  test('signatures may change, and other tags that no rule covers', async () => {
    const signature = `sha256-${'a'.repeat(64)}.sig`;
    for (const tag of [signature, 'dev-1']) {
      await push('team/free', tag, buildImage('free 1'));
      const second = await push('team/free', tag, buildImage('free 2'));
      await world.eventually(
        `${tag} moves on the record`,
        async () => (await world.tag('team/free', tag)).digest === second,
      );
      expect(await world.tag('team/free', tag)).toMatchObject({ seal: null, state: 'open' });
      expect(await digestOf('team/free', tag)).toBe(second);
    }
    expect(await world.violations('team/free')).toEqual([]);
  });

  test('an audited tag is told of, and left as it is', async () => {
    await push('watched/app', 'v1', buildImage('watched 1'));
    await world.eventually('it is sealed', async () => (await world.tag('watched/app', 'v1')).seal !== null);
    const second = await push('watched/app', 'v1', buildImage('watched 2'));
    await closed('watched/app', 'audited');
    await sleep(1_000);
    expect(await digestOf('watched/app', 'v1')).toBe(second);
    const [violation] = await world.violations('watched/app');
    await world.eventually('the alert has come', async () =>
      alertsOf(violation?.id).some(({ type }) => type === 'tagwarden.violation.audited'),
    );
  });

  test('a person may accept what was found: it becomes the seal', async () => {
    await push('watched/accepted', 'v1', buildImage('accepted 1'));
    await world.eventually('it is sealed', async () => (await world.tag('watched/accepted', 'v1')).seal !== null);
    const second = await push('watched/accepted', 'v1', buildImage('accepted 2'));
    await closed('watched/accepted', 'audited');
    const [violation] = await world.violations('watched/accepted');
    expect(await world.post(`violations/${violation?.id}/accept`, {})).toMatchObject({ status: 400 });
    const { status } = await world.post(`violations/${violation?.id}/accept`, { reason: 'rebuilt on purpose' });
    expect([200, 202]).toContain(status);
    await closed('watched/accepted', 'accepted');
    await world.eventually(
      'the seal has moved',
      async () => (await world.tag('watched/accepted', 'v1')).seal?.digest === second,
    );
  });

  test('a person may have an audited tag put back', async () => {
    const first = await push('watched/restored', 'v1', buildImage('by hand 1'));
    await world.sealed('watched/restored', 'v1', first);
    await push('watched/restored', 'v1', buildImage('by hand 2'));
    await closed('watched/restored', 'audited');
    const [violation] = await world.violations('watched/restored');
    expect((await world.post(`violations/${violation?.id}/restore`)).status).toBe(200);
    await standsAt('watched/restored', 'v1', first);
    await closed('watched/restored', 'restored');
  });

  test('a sender with a wrong token is refused, and nothing of it is kept', async () => {
    expect(
      await world.notify(
        [notification({ repository: 'team/forged', tag: 'v1', digest: buildImage('forged').digest })],
        'wrong',
      ),
    ).toBe(401);
    expect(await world.notifyRaw('rubbish', '')).toBe(401);
    await sleep(300);
    expect(await world.items('events?repository=team/forged')).toEqual([]);
  });

  test('a body that cannot be understood is taken, kept and shown', async () => {
    const rubbish = `rubbish ${randomUUID()}`;
    expect(await world.notifyRaw(rubbish)).toBe(202);
    expect(await world.notifyRaw(rubbish)).toBe(202);
    const kept = async () =>
      (await world.items<Row>('rejected')).filter(({ payload }) => String(payload).includes(rubbish));
    await world.eventually('it is kept', async () => (await kept()).length === 1);
    const [rejected] = await kept();
    expect(await world.post(`rejected/${rejected?.id}/replay`)).toMatchObject({ status: 409 });
  });

  test('rubbish of just under 1 MiB is taken and kept', async () => {
    const name = randomUUID();
    expect(await world.notifyRaw(name + 'x'.repeat(1024 * 1024 - 100))).toBe(202);
    await world.eventually('it is kept', async () =>
      (await world.items<Row>('rejected')).some(({ payload }) => String(payload).startsWith(name)),
    );
  });

  test('a body over 1 MiB is refused', async () => {
    expect(await world.notifyRaw('x'.repeat(1024 * 1024 + 1))).toBe(413);
  });

  test('duplicate and reordered deliveries come to the same record', async () => {
    const base = Date.now() - 60_000;
    const digests = [1, 2, 3].map((seed) => buildImage(`reordered ${seed}`).digest);
    const events = digests.map((digest, index) =>
      notification({
        repository: 'free/reordered',
        tag: 'v1',
        digest,
        timestamp: new Date(base + index * 1_000).toISOString(),
      }),
    );
    for (const order of [
      [2, 0, 1],
      [0, 0, 2],
      [1, 2, 0],
    ]) {
      for (const index of order) expect(await world.notify([events[index]!])).toBe(202);
    }
    await world.eventually(
      'all are recorded',
      async () => (await world.items('events?repository=free/reordered')).length === 3,
    );
    const bindings = await world.items<Row>('history?registry=local&repository=free/reordered&tag=v1');
    expect(bindings.map(({ digest }) => digest)).toEqual(digests.toReversed());
    expect(bindings[0]?.unboundAt).toBeNull();
    expect(bindings[1]?.unboundAt).toBe(bindings[0]?.boundAt);
  });

  describe('exports', () => {
    test.each([
      ['text/csv', /^id,/],
      ['application/x-ndjson', /^\{"id"/],
    ])('the audit trail as %s', async (type, start) => {
      const response = await fetch(`${world.apiUrl}/api/v1/events?repository=free/reordered`, {
        headers: { Accept: type, Authorization: 'Bearer e2e-admin-key-0123456789' },
      });
      expect(response.headers.get('content-type')).toContain(type);
      const text = await response.text();
      expect(text).toMatch(start);
      expect(text.trim().split('\n').length).toBeGreaterThanOrEqual(3);
    });
  });
  return story;
}

/** A push as distribution notifies it. */
export function notification(push: {
  repository: string;
  tag: string;
  digest: string;
  timestamp?: string;
  id?: string;
}): Row {
  const { repository, tag, digest, timestamp = new Date().toISOString(), id = randomUUID() } = push;
  return {
    id,
    timestamp,
    action: 'push',
    target: {
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      size: 400,
      digest,
      length: 400,
      repository,
      tag,
    },
    request: { id: randomUUID(), addr: '127.0.0.1:1', host: '127.0.0.1', method: 'PUT', useragent: 'e2e' },
    actor: { name: 'ci' },
    source: { addr: 'e2e', instanceID: 'e2e' },
  };
}
