import { startKafka } from '#testing';
import type { Bench } from './bench.js';
import { BenchPostgres } from './bench-postgres.js';
import { CleanUp } from './clean-up.js';
import { measureIntake } from './intake/measure-intake.js';
import { describeMachine } from './machine.js';
import { measureRecorder } from './recorder/measure-recorder.js';
import { type Findings, markdownOf } from './report.js';
import { measureRestore } from './restore/measure-restore.js';

/** By name on the command line; all of them where none is named. */
const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Findings>>> = {
  intake: measureIntake,
  recorder: measureRecorder,
  restore: measureRestore,
};

const cleanUp = new CleanUp();
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // A second Ctrl-C is a person who will not wait.
    if (interrupted) process.exit(130);
    interrupted = true;
    say('Stopping, and removing what was made.');
    void cleanUp.run().then(() => process.exit(130));
  });
}

try {
  process.stdout.write(await run(process.argv.slice(2)));
} catch (error) {
  // What is stopped under a measurement makes it fail: that is no news.
  if (!interrupted) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
if (!interrupted) {
  await cleanUp.run();
  process.exit();
}

async function run(args: readonly string[]): Promise<string> {
  const names = args.filter((arg) => arg !== '--quick');
  const unknown = names.filter((name) => !Object.hasOwn(MEASUREMENTS, name));
  if (unknown.length > 0) {
    throw new Error(
      `Unknown: ${unknown.join(', ')}. Usage: main.js [--quick] [${Object.keys(MEASUREMENTS).join('] [')}]`,
    );
  }
  const postgres = await BenchPostgres.start(cleanUp);
  const findings: Findings[] = [];
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    findings.push(await runAlone(measure, postgres, args.includes('--quick')));
  }
  return markdownOf(await describeMachine(postgres), findings);
}

/** With a Kafka of its own, and with nothing left of it when the next one runs. */
async function runAlone(
  measure: (bench: Bench) => Promise<Findings>,
  postgres: BenchPostgres,
  quick: boolean,
): Promise<Findings> {
  const own = new CleanUp();
  const end = cleanUp.add(() => own.run());
  say('Starting Kafka.');
  // Never the one of KAFKA_BROKERS: somebody's recorder may be listening to what is made up here.
  const kafka = await startKafka({ own: true });
  own.add(() => kafka.stop());
  const findings = await measure({ quick, cleanUp: own, postgres, kafkaBrokers: kafka.brokers, say });
  await end();
  return findings;
}

function say(progress: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${progress}\n`);
}
