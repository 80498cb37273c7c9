import { freePort } from '#testing';
import type { Bench } from '../bench.js';
import { startScript } from '../child-process.js';
import { aimed, type Figure, type Findings, milliseconds, perSecond } from '../report.js';
import { startService } from '../service.js';
import { median, pairedRatio, quantile, sum } from '../statistics.js';
import { type Load, sendConcurrently, sendOneByOne } from './load.js';
import { loadRecordedNotification } from './recorded-notification.js';

const AIM_MS = 5;
const CONNECTIONS = 16;

type Contender = { readonly name: string; readonly port: number; readonly loads: Record<Way, Load[]> };
type Way = 'serial' | 'concurrent';

const WAYS: Readonly<Record<Way, string>> = {
  serial: 'one by one, a new connection each',
  concurrent: `${CONNECTIONS} kept connections`,
};

/** How long a registry waits for the answer to a notification. The floor: the same HTTP server answering at once. */
export async function measureIntake(bench: Bench): Promise<Findings> {
  const make = await loadRecordedNotification();
  const contenders = await startContenders(bench);
  const { rounds, posts, forMs } = bench.quick
    ? { rounds: 2, posts: 150, forMs: 700 }
    : { rounds: 5, posts: 300, forMs: 1_200 };
  // The first requests of a process are answered by code that is still being compiled.
  for (const { port } of contenders) {
    await sendOneByOne(port, make, 200);
    await sendConcurrently(port, make, { connections: CONNECTIONS, forMs: 1_500 });
  }
  for (let round = 1; round <= rounds; round += 1) {
    bench.say(`Intake, round ${round} of ${rounds}.`);
    for (const { port, loads } of contenders) loads.serial.push(await sendOneByOne(port, make, posts));
    for (const { port, loads } of contenders) {
      loads.concurrent.push(await sendConcurrently(port, make, { connections: CONNECTIONS, forMs }));
    }
  }
  const figures = (['serial', 'concurrent'] as const).flatMap((way) =>
    contenders.map((contender) => figureOf(contender, contenders[0]!, way)),
  );
  return { figures, notes: NOTES };
}

async function startContenders(bench: Bench): Promise<Contender[]> {
  bench.say('Intake: starting the floor, and intake on both buses.');
  const floor = startScript('test/bench/intake/answer-at-once.js', [], {});
  bench.cleanUp.add(() => floor.stop());
  const { port } = await floor.message<{ type: 'listening'; port: number }>('listening');
  const database = await bench.postgres.createDatabase();
  const ports = { embedded: await freePort(), kafka: await freePort() };
  await startService(bench, { app: 'intake', database, kafkaBrokers: null, port: ports.embedded });
  await startService(bench, { app: 'intake', database: null, kafkaBrokers: bench.kafkaBrokers, port: ports.kafka });
  return [
    { name: 'floor, answering at once', port, loads: { serial: [], concurrent: [] } },
    { name: 'embedded bus', port: ports.embedded, loads: { serial: [], concurrent: [] } },
    { name: 'Kafka', port: ports.kafka, loads: { serial: [], concurrent: [] } },
  ];
}

function figureOf(contender: Contender, floor: Contender, way: Way): Figure {
  const loads = contender.loads[way];
  const latencies = loads.flatMap((load) => load.latencies);
  const medians = ({ loads }: Contender) => loads[way].map((load) => median(load.latencies));
  const middle = median(latencies);
  const isFloor = contender === floor;
  return {
    name: `intake, ${WAYS[way]}: ${contender.name}`,
    n: latencies.length,
    median: milliseconds(middle),
    p95: milliseconds(quantile(latencies, 0.95)),
    rate: perSecond(latencies.length / (sum(loads.map(({ elapsedMs }) => elapsedMs)) / 1_000)),
    ...(isFloor ? {} : { ratio: `${pairedRatio(medians(contender), medians(floor)).toFixed(2)} × its time` }),
    ...(isFloor || way === 'concurrent' ? {} : { aim: aimed(`median < ${AIM_MS} ms`, middle < AIM_MS) }),
  };
}

const NOTES = [
  `Intake: a recorded notification of distribution 2.8 (one event, 1 kB) with a new id each, to intake in a process of its own; the sender and what keeps the event (PostgreSQL with fsync, or Kafka with acks=all) share the cores.`,
];
