import { TOPICS } from '#contracts';
import type { Bench } from '../bench.js';
import type { BenchDatabase } from '../bench-postgres.js';
import { aimed, type Figure, type Findings, megabytes, perSecond } from '../report.js';
import { median, pairedRatio, sum } from '../statistics.js';
import { insertBarely } from './bare-insert.js';
import { MIXES, type Mix } from './event-mix.js';
import { fillEmbedded, fillKafka } from './filled-buses.js';
import { type RecorderRun, runRecorder } from './run-recorder.js';

const AIM_PER_SECOND = 10_000;
const AIM_RATIO = 0.5;
/** What a process still grows by that has reached its working set is far below this; what leaks is above it. */
const FLAT = 1.1;

type Side = 'kafka' | 'embedded';
const SIDES: Readonly<Record<Side, string>> = { kafka: 'from Kafka', embedded: 'from the embedded bus' };

const SIDES_IN_ORDER = ['kafka', 'embedded'] as const;

type Rounds = {
  readonly mix: Mix;
  readonly count: number;
  /** A floor is taken before each run, so that both sides of a ratio see the same machine. */
  readonly floors: Record<Side, number[]>;
  readonly runs: Record<Side, RecorderRun[]>;
};

/** Events a second from a bus that holds them already to PostgreSQL. The floor: a bare insert of the same rows. */
export async function measureRecorder(bench: Bench): Promise<Findings> {
  const plan = bench.quick
    ? [{ mix: 'realistic', count: 30_000, rounds: 1 } as const]
    : [{ mix: 'realistic', count: 80_000, rounds: 3 } as const, { mix: 'newTags', count: 60_000, rounds: 2 } as const];
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const { mix, count, rounds } of plan) {
    const measured = await measureMix(bench, mix, count, rounds);
    figures.push(...rateFigures(measured));
    notes.push(
      `Recorder, ${nameOf(mix)}: ${count.toLocaleString('en')} events a run: ${MIXES[mix]}. Batches of at most 1,000, 8 partitions, 4 at a time.`,
    );
    notes.push(cpuNote(measured), diskNote(measured));
    if (mix === 'realistic') {
      figures.push(...memoryFigures(measured));
      notes.push(memoryNote(measured));
    }
  }
  notes.push(
    'Recorder floor: `INSERT … SELECT FROM unnest(…)` of the same rows into the same `event` table with its indexes, 1,000 a statement, one connection, only the statements timed.',
  );
  return { figures, notes };
}

async function measureMix(bench: Bench, mix: Mix, count: number, rounds: number): Promise<Rounds> {
  bench.say(`Recorder: filling both buses with ${count} events (${nameOf(mix)}).`);
  const topic = await fillKafka(bench, mix, count);
  const filled = await fillEmbedded(bench, mix, count);
  const measured: Rounds = { mix, count, floors: { kafka: [], embedded: [] }, runs: { kafka: [], embedded: [] } };
  for (let round = 1; round <= rounds; round += 1) {
    for (const side of SIDES_IN_ORDER) {
      bench.say(`Recorder, ${nameOf(mix)}, round ${round} of ${rounds}: the floor, then ${SIDES[side]}.`);
      measured.floors[side].push(await inFreshDatabase(bench, undefined, ({ url }) => insertBarely(url, mix, count)));
      const source =
        side === 'kafka' ? { topic, brokers: bench.kafkaBrokers } : { topic: TOPICS.registryEvents, brokers: null };
      const template = side === 'kafka' ? undefined : filled;
      const run = await inFreshDatabase(bench, template, (database) =>
        runRecorder(bench, { ...source, database, count }),
      );
      measured.runs[side].push(run);
    }
  }
  await bench.postgres.dropDatabase(filled);
  return measured;
}

async function inFreshDatabase<T>(
  { postgres }: Bench,
  template: BenchDatabase | undefined,
  work: (database: BenchDatabase) => Promise<T>,
): Promise<T> {
  const database = await postgres.createDatabase(template === undefined ? {} : { template: template.name });
  await postgres.checkpoint();
  try {
    return await work(database);
  } finally {
    await postgres.dropDatabase(database);
  }
}

const nameOf = (mix: Mix): string => (mix === 'realistic' ? 'mixed' : 'new tags only');

function rateFigures({ mix, count, floors, runs }: Rounds): Figure[] {
  const floor = [...floors.kafka, ...floors.embedded];
  const figures = SIDES_IN_ORDER.map((side): Figure => {
    const rates = runs[side].map(({ elapsedMs }) => (count / elapsedMs) * 1_000);
    const ratio = pairedRatio(rates, floors[side]);
    const middle = median(rates);
    const aim = `≥ ${AIM_RATIO} of the floor and ≥ ${perSecond(AIM_PER_SECOND)}`;
    return {
      name: `recorder, ${nameOf(mix)}: ${SIDES[side]}`,
      n: count * rates.length,
      rate: rateOf(rates),
      ratio: `${ratio.toFixed(2)} of its rate`,
      aim: aimed(aim, ratio >= AIM_RATIO && middle >= AIM_PER_SECOND),
    };
  });
  return [
    { name: `recorder, ${nameOf(mix)}: floor, a bare insert`, n: count * floor.length, rate: rateOf(floor) },
    ...figures,
  ];
}

const rateOf = (rates: readonly number[]): string =>
  rates.length === 1
    ? perSecond(rates[0]!)
    : `${perSecond(median(rates))} (slowest run ${perSecond(Math.min(...rates))})`;

function memoryFigures({ runs, count }: Rounds): Figure[] {
  return SIDES_IN_ORDER.map((side): Figure => {
    const quarters = runs[side].map(quartersOf);
    // A fresh process grows to its working set first; what must not go on is the growing.
    const [before, last] = [2, 3].map((index) => quarters.map((quarter) => quarter[index] ?? Number.NaN)) as [
      number[],
      number[],
    ];
    const growth = pairedRatio(last, before);
    return {
      name: `recorder’s memory (RSS), ${SIDES[side]}: last quarter of a run against the one before`,
      n: count * runs[side].length,
      median: `${megabytes(median(last))} after ${megabytes(median(before))}`,
      ratio: `${growth.toFixed(2)} of the third quarter`,
      aim: aimed(`flat (≤ ${FLAT})`, growth <= FLAT),
    };
  });
}

/** The median of each quarter of a run. */
function quartersOf({ rssBytes }: RecorderRun): number[] {
  const length = rssBytes.length / 4;
  return [0, 1, 2, 3].map((index) =>
    median(rssBytes.slice(Math.floor(index * length), Math.ceil((index + 1) * length))),
  );
}

/** A process that grows to its working set and stays looks other than one that leaks. */
function memoryNote({ runs }: Rounds): string {
  const list = SIDES_IN_ORDER.map((side) => {
    const quarters = quartersOf(runs[side].at(-1)!);
    return `${SIDES[side]} ${quarters.map(megabytes).join(', ')}`;
  });
  return `Recorder’s memory by quarter of the last run, from the first batch of a fresh process on: ${list.join('; ')}.`;
}

/** Unlike the rate it hardly depends on what else the machine is doing. */
function cpuNote({ mix, count, runs }: Rounds): string {
  const list = SIDES_IN_ORDER.map((side) => {
    const micros = median(runs[side].map(({ cpuMs }) => (cpuMs / count) * 1_000));
    return `${micros.toFixed(0)} µs ${SIDES[side]}`;
  });
  return `The recorder process’s own CPU an event, ${nameOf(mix)}: ${list.join(', ')}; PostgreSQL’s comes on top.`;
}

function diskNote({ mix, runs }: Rounds): string {
  const disk = runs.embedded.at(-1)?.disk ?? [];
  const record = disk.filter(({ table }) => !table.startsWith('bus_'));
  const list = disk.map(({ table, bytes }) => `${table} ${Math.round(bytes)}`).join(', ');
  return `Disk, ${nameOf(mix)}: ${Math.round(sum(record.map(({ bytes }) => bytes)))} bytes an event for the record with all its indexes, before any vacuum (${list}; bus_record only on the embedded bus, until it is trimmed).`;
}
