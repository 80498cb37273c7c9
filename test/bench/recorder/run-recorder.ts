import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Bench } from '../bench.js';
import type { BenchDatabase } from '../bench-postgres.js';
import { startScript } from '../child-process.js';
import { configurationFor, connections, HOOK_TOKEN } from '../service.js';
import { countEvents, measureDiskUse } from './disk-use.js';
import type { RecorderDone } from './recorder-process.js';

export type RecorderRun = Pick<RecorderDone, 'elapsedMs' | 'cpuMs' | 'rssBytes'> & {
  readonly disk: readonly { readonly table: string; readonly bytes: number }[];
};

/** null brokers: from the embedded bus of the database itself. */
type Source = {
  readonly topic: string;
  readonly brokers: readonly string[] | null;
  readonly database: BenchDatabase;
  readonly count: number;
};

/** Lets a recorder process record all that a bus holds, and checks that it did. */
export async function runRecorder(
  { cleanUp }: Bench,
  { topic, brokers, database, count }: Source,
): Promise<RecorderRun> {
  const folder = await mkdtemp(join(tmpdir(), 'tagwarden-bench-app-'));
  const remove = cleanUp.add(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'tagwarden.yaml'), stringify(configurationFor()));
  const group = `bench-${randomBytes(4).toString('hex')}`;
  const child = startScript('test/bench/recorder/recorder-process.js', [topic, group, String(count)], {
    ...connections({ database, kafkaBrokers: brokers }),
    HOOK_TOKEN,
    TAGWARDEN_CONFIG: join(folder, 'tagwarden.yaml'),
    TAGWARDEN_DATA_DIR: join(folder, 'data'),
  });
  const stop = cleanUp.add(() => child.stop());
  const { type: _, ...measured } = await child.message<RecorderDone>('done');
  await stop();
  await remove();
  const recorded = await countEvents(database.url);
  if (recorded !== count) throw new Error(`The recorder recorded ${recorded} of ${count} events.`);
  return { ...measured, disk: await measureDiskUse(database.url, count) };
}
