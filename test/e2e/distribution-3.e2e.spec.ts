import { beforeAll, describe, expect, test } from '@jest/globals';
import {
  buildImage,
  buildIndex,
  crane,
  GO_PROVISION_LIMIT_MS,
  provisionCrane,
  pushImage,
  putManifest,
  startDistribution3,
} from '#testing';
import { type PushClient, tellTheStory } from './story.js';

type Row = Record<string, unknown>;

const CRANE: PushClient = { name: 'crane', push: (layout, reference) => crane(['push', layout, reference]) };

describe('On version 3 of the registry, with crane', () => {
  // Both may have to be built first.
  beforeAll(() => provisionCrane(), GO_PROVISION_LIMIT_MS);
  const { world, copy, digestOf, standsAt, closed } = tellTheStory(
    async () => ({ startRegistry: startDistribution3 }),
    { client: CRANE, registryOnly: true, startLimitMs: GO_PROVISION_LIMIT_MS + 120_000 },
  );
  const at = (reference: string) => `${world().registry.host}/${reference}`;

  test('a tag deleted by its name, of which the registry tells no digest, comes back; its sibling never left', async () => {
    const image = buildImage('untagged');
    const digest = await copy(image, 'team/untagged', 'v1');
    await putManifest(world().registry.url, 'team/untagged', 'stable', image);
    await world().sealed('team/untagged', 'v1', digest);
    await world().sealed('team/untagged', 'stable', digest);
    await crane(['delete', at('team/untagged:v1')]);
    await standsAt('team/untagged', 'v1', digest);
    await closed('team/untagged', 'restored');
    const deletions = await world().items<Row>('events?registry=local&repository=team/untagged&type=tagDeleted');
    expect(deletions).toMatchObject([{ tag: 'v1', digest: null }]);
    expect(await world().violations('team/untagged')).toMatchObject([
      { kind: 'deletion', tag: 'v1', sealedDigest: digest },
    ]);
  });

  test('a sealed tag that crane moves to another image of the repository is put back', async () => {
    const first = await copy(buildImage('moved 1'), 'team/moved', 'v1');
    await world().sealed('team/moved', 'v1', first);
    const second = await copy(buildImage('moved 2'), 'team/moved', 'dev-2');
    await crane(['tag', at('team/moved:dev-2'), 'v1']);
    await standsAt('team/moved', 'v1', first);
    await closed('team/moved', 'restored');
    expect(await world().violations('team/moved')).toMatchObject([{ kind: 'overwrite', foundDigest: second }]);
    expect(await digestOf('team/moved', 'dev-2')).toBe(second);
  });

  test('an index that crane copies from another repository is sealed whole; one copied over it is undone', async () => {
    const [released, other] = [buildIndex('copied 1'), buildIndex('copied 2')];
    await copy(released, 'free/built', 'v1');
    await copy(other, 'free/built', 'v2');
    await crane(['copy', at('free/built:v1'), at('team/copied:v1')]);
    await world().sealed('team/copied', 'v1', released.digest);
    await crane(['copy', at('free/built:v2'), at('team/copied:v1')]);
    await standsAt('team/copied', 'v1', released.digest);
    await closed('team/copied', 'restored');
    expect(await world().violations('team/copied')).toMatchObject([{ kind: 'overwrite', foundDigest: other.digest }]);
    await crane(['validate', '--remote', at('team/copied:v1')]);
  });

  test('a manifest that crane deletes by its digest comes back', async () => {
    const image = buildImage('by digest');
    await pushImage(world().registry.url, 'team/by-digest', 'v1', image);
    await world().sealed('team/by-digest', 'v1', image.digest);
    await crane(['delete', at(`team/by-digest@${image.digest}`)]);
    await standsAt('team/by-digest', 'v1', image.digest);
    await closed('team/by-digest', 'restored');
  });
});
