import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.js';
import { aimed, type Figure, type Findings, milliseconds } from '../report.js';
import { median, quantile } from '../statistics.js';
import { type Contender, ORIGINAL, startFloor, startTagwarden } from './contender.js';
import { findDigest, overwriteAndWait } from './overwrite-and-wait.js';

const AIM_RATIO = 3;
const WARM_UPS = 5;
/** So that a tag's later readings back do not meet the next overwrite of the same registry too often: it is not a load test. */
const PAUSE_MS = 200;
/** The last reading back of the last tag. */
const STOOD_STILL_MS = 2_000;

/** Time from an overwriting PUT to the restored tag. The floor: a bare process that restores straight from the webhook. */
export async function measureRestore(bench: Bench): Promise<Findings> {
  const trials = bench.quick ? 15 : 80;
  const tags = Array.from({ length: WARM_UPS + trials }, (_, index) => `v1.0.${index}`);
  bench.say('Restore: starting three registries, the floor, and Tagwarden on both buses.');
  const contenders = [
    await startFloor(bench, tags),
    await startTagwarden(bench, 'embedded', tags),
    await startTagwarden(bench, 'kafka', tags),
  ];
  const times = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
  for (const [trial, tag] of tags.entries()) {
    if (trial % 20 === 0) bench.say(`Restore, trial ${trial} of ${tags.length}.`);
    for (const contender of contenders) {
      const elapsedMs = await overwriteAndWait(contender, tag);
      if (trial >= WARM_UPS) times.get(contender)?.push(elapsedMs);
      await sleep(PAUSE_MS);
    }
  }
  await sleep(STOOD_STILL_MS);
  const floor = times.get(contenders[0]!) ?? [];
  const figures = contenders.map((contender) => figureOf(contender, times.get(contender) ?? [], floor));
  return { figures, notes: [NOTE, await countRestored(contenders, tags)] };
}

function figureOf({ name }: Contender, times: readonly number[], floor: readonly number[]): Figure {
  const ratio = median(times) / median(floor);
  const against = { ratio: `${ratio.toFixed(2)} × its time`, aim: aimed(`median < ${AIM_RATIO} ×`, ratio < AIM_RATIO) };
  return {
    name: `restore, PUT sent to tag restored: ${name}`,
    n: times.length,
    median: milliseconds(median(times)),
    p95: milliseconds(quantile(times, 0.95)),
    ...(times === floor ? {} : against),
  };
}

async function countRestored(contenders: readonly Contender[], tags: readonly string[]): Promise<string> {
  const counts: string[] = [];
  for (const { name, registry } of contenders) {
    let right = 0;
    for (const tag of tags) if ((await findDigest(registry, tag)) === ORIGINAL.digest) right += 1;
    counts.push(`${name}: ${right}`);
  }
  return `Restore: of ${tags.length} overwritten tags each, warm-up included, so many pointed at the original two seconds after the last trial: ${counts.join('; ')}. A bare process that writes at once and never looks again can lose to the overwriting PUT’s own late write.`;
}

const NOTE = `Restore: a registry each, notifying over HTTP; the client’s time from sending the PUT until a GET shows the original again, looked for when the registry tells of the restoring PUT. All apps in one process, the sealed manifest in the vault.`;
