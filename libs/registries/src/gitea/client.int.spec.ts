import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDigest, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { buildImage, FakeRegistry } from '#testing';
import { describeClientContract } from '../client-contract.js';
import { missingBlobs } from '../distribution/errors.js';
import { gitea } from './adapter.js';
import { FakeGitea } from './fake-gitea.js';

describeClientContract('fake Gitea', 'gitea', () => FakeGitea.start(), gitea.createClient);

const [repository, tag] = [parseRepositoryName('team/app'), parseTagName('v1')];
const built = buildImage('one');
const before = { ...built, digest: parseDigest(built.digest) };
const after = buildImage('two');

describe('after an overwrite', () => {
  const account = { username: 'ci', password: 'gitea-pat-4711' };
  let registry: FakeRegistry;
  let client: ReturnType<typeof gitea.createClient>;
  beforeAll(async () => {
    registry = await FakeRegistry.start({ forgetOverwritten: true, auth: { type: 'bearer', ...account } });
    const name = parseRegistryName('local');
    client = gitea.createClient({ name, kind: 'gitea', url: registry.url, ...account });
    await registry.push(repository, tag, before);
    await registry.push(repository, tag, after);
  });
  afterAll(async () => {
    await client?.close();
    await registry?.stop();
  });

  it('the old manifest is gone at once, and its kept bytes bring the tag back', async () => {
    expect(await client.findManifest(repository, before.digest)).toBeNull();
    await client.putManifest(repository, tag, before);
    expect(registry.findTag(repository, tag)).toBe(before.digest);
  });

  it('says which layers are gone with it', async () => {
    await registry.push(repository, tag, after);
    const [lost] = before.blobs;
    registry.collectGarbage(repository, lost?.digest ?? '');
    const error = await client.putManifest(repository, tag, before).catch((thrown: unknown) => thrown);
    expect(missingBlobs(error)).toEqual([lost?.digest]);
    expect(registry.findTag(repository, tag)).toBe(after.digest);
  });
});
