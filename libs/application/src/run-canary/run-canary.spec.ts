import { beforeEach, describe, expect, it } from '@jest/globals';
import { digestOfBytes, parseDigest } from '#domain';
import type { CanaryRun } from '../ports/canaries.js';
import { RegistryError } from '../ports/registry-client.js';
import { SILENT } from '../sweep-registry/sweep.fixture.js';
import { CanaryWorld, CHANNELS, NotedCanaries, REF, REPOSITORY, RUNNING } from './canary.fixture.js';
import { canaryImage } from './canary-image.js';
import { overwriteCanary } from './overwrite-canary.js';
import { RunCanary } from './run-canary.js';

let world: CanaryWorld;
beforeEach(() => {
  world = new CanaryWorld();
});

const run = () => overwriteCanary(REF, { client: world.client, record: world, clock: world.clock }, RUNNING);

describe('The images of a canary', () => {
  it('are images: the manifest names blobs by their digests and sizes', () => {
    const { bytes, digest, blobs } = canaryImage('one');
    const { config, layers } = JSON.parse(bytes.toString());
    expect(digestOfBytes(bytes)).toBe(digest);
    expect([config, ...layers].map((one) => [one.digest, one.size])).toEqual(
      blobs.map((blob) => [digestOfBytes(blob.bytes), blob.bytes.length]),
    );
    expect(JSON.parse(blobs[0]?.bytes.toString() ?? '').rootfs.diff_ids).toEqual([blobs[1]?.digest]);
  });

  it('differ by their mark alone, and share their blobs', () => {
    expect(canaryImage('one')).toEqual(canaryImage('one'));
    expect(canaryImage('two').digest).not.toBe(canaryImage('one').digest);
    expect(canaryImage('two').blobs).toEqual(canaryImage('one').blobs);
  });
});

describe('Overwriting a canary', () => {
  it('is measured from the overwriting on, to a tenth of a second', async () => {
    const result = await run();
    expect(result).toMatchObject({ outcome: 'ok', sentence: expect.stringContaining('put back within 2.0 s') });
    expect(result.detectSeconds).toBeCloseTo(0.5);
    expect(result.restoreSeconds).toBeCloseTo(2);
    expect(world.pushed.map(({ digest }) => digest === canaryImage('one').digest)).toEqual([true, false]);
    expect(world.blobs.size).toBe(2);
  });

  it('goes on from a tag that stands: the first image is pushed once, the second is another each time', async () => {
    for (const _ of [1, 2, 3]) expect((await run()).outcome).toBe('ok');
    const [first, ...others] = world.pushed.map(({ digest }) => digest);
    expect(first).toBe(canaryImage('one').digest);
    expect(new Set(others).size).toBe(3);
    expect(others).not.toContain(first);
    expect(world.seal).toBe(first);
  });

  it('leaves a digest alone that somebody has accepted, and overwrites it as well', async () => {
    world.seal = parseDigest(`sha256:${'a'.repeat(64)}`);
    expect((await run()).outcome).toBe('ok');
    expect(world.pushed.map(({ digest }) => digest)).not.toContain(canaryImage('one').digest);
  });

  it.each<[string, Partial<CanaryWorld>, Partial<CanaryRun>, RegExp]>([
    [
      'it is never sealed',
      { sealAfter: null },
      { outcome: 'notDetected', detectSeconds: null },
      /not recorded and sealed within 60 s/,
    ],
    [
      'nobody notices',
      { detectAfter: null },
      { outcome: 'notDetected', detectSeconds: null },
      /not recorded within 60 s\. Look whether/,
    ],
    [
      'nobody puts it back',
      { restoreAfter: null },
      { outcome: 'notRestored', restoreSeconds: null },
      /Look whether an enforcer runs/,
    ],
    [
      'it comes too late',
      { restoreAfter: 61_000 },
      { outcome: 'notRestored', restoreSeconds: null },
      /not put right within 60 s/,
    ],
    [
      'the registry does not let it',
      { restoreAfter: null, failure: 'Blobs are gone.' },
      { outcome: 'notRestored' },
      /60 s\. Blobs are gone\.$/,
    ],
    [
      'a waiver permits it',
      { endState: 'waived' },
      { outcome: 'notRestored', restoreSeconds: null },
      /is waived, and was not put back/,
    ],
    [
      'the registry refuses the push',
      { refusal: new RegistryError('REGISTRY_DENIED', 'Registry "local" said no.') },
      { outcome: 'refused', detectSeconds: null },
      /could not be pushed: Registry "local" said no\./,
    ],
  ])('fails where %s, and says what to look at', async (_, change, expected, sentence) => {
    Object.assign(world, change);
    const result = await run();
    expect(result).toMatchObject(expected);
    expect(result.sentence).toMatch(sentence);
  });

  it('counts as restored where it was right again when the enforcer asked', async () => {
    world.endState = 'selfHealed';
    expect((await run()).outcome).toBe('ok');
  });
});

describe('A canary', () => {
  const canaries = new NotedCanaries();
  const measured: CanaryRun[] = [];
  const runOnce = async (signal = RUNNING) => {
    const clients = { get: () => world.client };
    const settingsOf = () => ({ everyMs: 3_600_000, repository: REPOSITORY });
    const note = (_: unknown, one: CanaryRun) => void measured.push(one);
    const runner = new RunCanary(canaries, world, clients, CHANNELS, settingsOf, SILENT, world.clock, note);
    await runner.run(canaries.due(), signal);
  };

  it('tells people once when it fails, and once when it is well again', async () => {
    await runOnce();
    world.detectAfter = null;
    for (const _ of [1, 2]) await runOnce();
    world.detectAfter = 500;
    world.restoreAfter = null;
    await runOnce();
    world.restoreAfter = 2_000;
    for (const _ of [1, 2]) await runOnce();
    expect(canaries.runs.map(({ run: { outcome }, told }) => [outcome, ...told])).toEqual([
      ['ok'],
      ['notDetected', 'canaryFailed'],
      ['notDetected'],
      ['notRestored'],
      ['ok', 'canaryRecovered'],
      ['ok'],
    ]);
    expect(canaries.runs.map(({ nextInMs }) => nextInMs)).toEqual(Array(6).fill(3_600_000));
    expect(measured).toEqual(canaries.runs.map(({ run: one }) => expect.objectContaining(one)));
  });

  it('tells of a first run that fails', async () => {
    canaries.runs.length = 0;
    world.detectAfter = null;
    await runOnce();
    expect(canaries.runs.at(-1)?.told).toEqual(['canaryFailed']);
  });

  it('is handed back when the sweeper stops, and nothing is told', async () => {
    canaries.runs.length = 0;
    await runOnce(AbortSignal.abort());
    expect([canaries.released, canaries.runs.length]).toEqual([1, 0]);
  });
});
