import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildImage, deleteManifest, headTag, pushImage, type TestImage } from '#testing';
import { World } from './world.js';

/** Long enough for an enforcer that is wrong to have written. */
const QUIET_MS = 1_500;

describe('Rules and waivers that people manage, on a real registry', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  const push = (repository: string, tag: string, image: TestImage) =>
    pushImage(world.registry.url, repository, tag, image);
  const liveDigest = async (repository: string, tag: string) =>
    (await headTag(world.registry.url, repository, tag))?.digest;
  const recorded = (repository: string, tag: string, image: TestImage) =>
    world.eventually('it is recorded', async () => (await world.tag(repository, tag)).digest === image.digest);
  const makeRule = async (rule: Record<string, unknown>) => {
    const { status, body } = await world.post('rules', rule);
    expect(status).toBe(201);
    return body.id as string;
  };
  const statesOf = async (repository: string) => (await world.violations(repository)).map(({ state }) => state);

  test('a rule switched on seals what the registry shows; switched off it frees at once', async () => {
    const [known, moved, other] = [buildImage('known'), buildImage('moved'), buildImage('other')];
    await push('shop/app', 'v1', known);
    await recorded('shop/app', 'v1', known);
    const rule = { name: 'shop', repositories: { matching: ['shop/**'] }, tags: { matching: ['v*'] } };
    const id = await makeRule(rule);
    await world.sealed('shop/app', 'v1', known.digest);
    await push('shop/app', 'v1', moved);
    await world.eventually('it is put back', async () => (await statesOf('shop/app')).includes('restored'));
    expect(await liveDigest('shop/app', 'v1')).toBe(known.digest);

    expect((await world.send('PUT', `rules/${id}`, { ...rule, enabled: false })).status).toBe(200);
    await world.eventually('it is free', async () => (await world.tag('shop/app', 'v1')).seal === null);
    await push('shop/app', 'v1', other);
    await recorded('shop/app', 'v1', other);
    await sleep(QUIET_MS);
    expect(await liveDigest('shop/app', 'v1')).toBe(other.digest);
    expect(await statesOf('shop/app')).toHaveLength(1);
  }, 60_000);

  test('a tag deleted and pushed again with another image is put back', async () => {
    const [first, second] = [buildImage('first'), buildImage('second')];
    await push('team/again', 'v1', first);
    await world.sealed('team/again', 'v1', first.digest);
    await deleteManifest(world.registry.url, 'team/again', first.digest);
    await push('team/again', 'v1', second);
    await world.eventually('it is put back', async () => {
      const states = await statesOf('team/again');
      return states.length > 0 && states.every((state) => state === 'restored' || state === 'selfHealed');
    });
    expect(await liveDigest('team/again', 'v1')).toBe(first.digest);
  }, 60_000);

  test('overwriting and deleting are protected against apart', async () => {
    await makeRule({
      name: 'no overwriting',
      repositories: { matching: ['apart/moves'] },
      tags: { all: true },
      protect: ['deletion'],
    });
    await makeRule({
      name: 'no deleting',
      repositories: { matching: ['apart/goes'] },
      tags: { all: true },
      protect: ['overwrite'],
    });
    const [one, two] = [buildImage('apart one'), buildImage('apart two')];
    for (const repository of ['apart/moves', 'apart/goes']) {
      await push(repository, 'v1', one);
      await world.sealed(repository, 'v1', one.digest);
    }
    await push('apart/moves', 'v1', two);
    await world.sealed('apart/moves', 'v1', two.digest);
    await deleteManifest(world.registry.url, 'apart/goes', one.digest);
    await world.eventually('it is gone', async () => (await world.tag('apart/goes', 'v1')).digest === null);
    await sleep(QUIET_MS);
    expect(await liveDigest('apart/moves', 'v1')).toBe(two.digest);
    expect(await liveDigest('apart/goes', 'v1')).toBeUndefined();
    expect([...(await statesOf('apart/moves')), ...(await statesOf('apart/goes'))]).toEqual([]);
    await deleteManifest(world.registry.url, 'apart/moves', two.digest);
    await push('apart/goes', 'v1', two);
    for (const repository of ['apart/moves', 'apart/goes']) {
      await world.eventually('it is put back', async () => (await statesOf(repository)).includes('restored'));
    }
    expect(await liveDigest('apart/moves', 'v1')).toBe(two.digest);
    expect(await liveDigest('apart/goes', 'v1')).toBe(one.digest);
  }, 60_000);

  test('tags that differ by case are two tags', async () => {
    const [lower, upper, bad] = [buildImage('lower'), buildImage('upper'), buildImage('bad')];
    await push('team/cased', 'rel', lower);
    await push('team/cased', 'REL', upper);
    await world.sealed('team/cased', 'rel', lower.digest);
    await world.sealed('team/cased', 'REL', upper.digest);
    await push('team/cased', 'REL', bad);
    await world.eventually('it is put back', async () => (await statesOf('team/cased')).includes('restored'));
    expect(await liveDigest('team/cased', 'rel')).toBe(lower.digest);
    expect(await liveDigest('team/cased', 'REL')).toBe(upper.digest);
    expect((await world.violations('team/cased')).map(({ tag }) => tag)).toEqual(['REL']);
  }, 60_000);

  test('a waiver lets a tag be changed, and what comes after it is put back', async () => {
    const [old, wanted, bad] = [buildImage('old'), buildImage('wanted'), buildImage('bad again')];
    await push('team/waived', 'v1', old);
    await world.sealed('team/waived', 'v1', old.digest);
    const { status, body: waiver } = await world.post('waivers', {
      repositories: { matching: ['team/waived'] },
      tags: { matching: ['v1'] },
      uses: 1,
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      reason: 'rebuilt on the fixed base',
    });
    expect(status).toBe(201);
    await push('team/waived', 'v1', wanted);
    await world.sealed('team/waived', 'v1', wanted.digest);
    await sleep(QUIET_MS);
    expect(await liveDigest('team/waived', 'v1')).toBe(wanted.digest);
    expect(await world.violations('team/waived')).toMatchObject([{ state: 'waived', waiverId: waiver.id }]);
    await push('team/waived', 'v1', bad);
    await world.eventually('it is put back', async () => (await statesOf('team/waived')).includes('restored'));
    expect(await liveDigest('team/waived', 'v1')).toBe(wanted.digest);
    expect(await world.get(`waivers/${waiver.id}`)).toMatchObject({ used: 1 });
  }, 60_000);

  test('an open violation ends when its rule is switched off, and the tag is left alone', async () => {
    const rule = { name: 'briefly', repositories: { matching: ['brief/**'] }, tags: { all: true }, mode: 'audit' };
    const id = await makeRule(rule);
    const [good, found] = [buildImage('good'), buildImage('found')];
    await push('brief/app', 'v1', good);
    await world.sealed('brief/app', 'v1', good.digest);
    await push('brief/app', 'v1', found);
    await world.eventually('it is told of', async () => (await statesOf('brief/app')).includes('audited'));
    const [violation] = await world.violations('brief/app');
    expect((await world.send('DELETE', `rules/${id}`)).status).toBe(204);
    await world.eventually('it has ended', async () => (await world.violations('brief/app'))[0]?.endedAt !== null);
    const refused = await world.post(`violations/${violation?.id}/restore`);
    expect([refused.status, refused.body.code]).toEqual([409, 'VIOLATION_NOT_RESTORABLE']);
    expect(await liveDigest('brief/app', 'v1')).toBe(found.digest);
  }, 60_000);

  test('a digest that somebody has revoked is never put back', async () => {
    const [good, found] = [buildImage('good until known better'), buildImage('found later')];
    await push('team/revoked', 'v1', good);
    await world.sealed('team/revoked', 'v1', good.digest);
    expect((await world.post('revocations', { digest: good.digest, reason: 'holds a backdoor' })).status).toBe(201);
    await push('team/revoked', 'v1', found);
    await world.eventually('it is given up', async () => (await statesOf('team/revoked')).includes('failed'));
    const [violation] = await world.violations('team/revoked');
    expect(violation?.failure).toContain('holds a backdoor');
    expect((await world.post(`violations/${violation?.id}/restore`)).body.code).toBe('DIGEST_REVOKED');
    expect(await liveDigest('team/revoked', 'v1')).toBe(found.digest);
    const accepted = await world.post(`violations/${violation?.id}/accept`, { reason: 'the fixed build' });
    expect(accepted).toMatchObject({ status: 200, body: { state: 'accepted' } });
    await world.sealed('team/revoked', 'v1', found.digest);
  }, 60_000);
});

describe('A burst of changes by one identity', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  }, 120_000);
  afterAll(() => world?.stop(), 60_000);

  const pages = (change: string) =>
    world.alerts.filter(({ body }) => (JSON.parse(body) as { type: string }).type.endsWith(`.${change}`)).length;

  test('makes one page, and one call acts on all of it', async () => {
    await world.post('rules', {
      name: 'burst',
      repositories: { matching: ['burst/**'] },
      tags: { all: true },
      mode: 'audit',
    });
    const [good, bad] = [buildImage('calm'), buildImage('storm')];
    const repositories = Array.from({ length: 12 }, (_, index) => `burst/app${index}`);
    for (const repository of repositories) await pushImage(world.registry.url, repository, 'v1', good);
    for (const repository of repositories) await world.sealed(repository, 'v1', good.digest);
    await Promise.all(repositories.map((repository) => pushImage(world.registry.url, repository, 'v1', bad)));
    await world.eventually(
      'all are told of',
      async () => (await world.items('violations?state=audited')).length === 12,
    );
    const incidents = await world.items<{ id: string; members: number }>('incidents');
    expect(incidents).toMatchObject([{ members: 12 }]);
    await world.eventually('somebody is paged', async () => pages('audited') > 0);

    const id = incidents[0]?.id;
    expect((await world.post(`incidents/${id}/restore`, { reason: 'not ours' })).status).toBe(200);
    await world.eventually('all are put back', async () => {
      return (await world.items(`violations?incident=${id}&state=restored`)).length === 12;
    });
    for (const repository of repositories) {
      expect((await headTag(world.registry.url, repository, 'v1'))?.digest).toBe(good.digest);
    }
    await world.eventually('the page is closed', async () => pages('restored') > 0);
    await sleep(QUIET_MS);
    expect([pages('audited'), pages('restored'), pages('failed')]).toEqual([1, 1, 0]);
  }, 90_000);
});
