import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const KAFKA_VERSION = '4.1.1';

/** Where tests get an Apache Kafka from, in the order of preference. */
export type KafkaSource =
  | { readonly type: 'external'; readonly brokers: string[] }
  | { readonly type: 'docker' }
  | { readonly type: 'java' };

const run = promisify(execFile);

/** Looks for a Kafka without downloading or starting anything; undefined when this machine offers no way to run one. */
export async function findKafka(options: { own?: boolean } = {}): Promise<KafkaSource | undefined> {
  const external = process.env.KAFKA_BROKERS?.split(',')
    .map((broker) => broker.trim())
    .filter(Boolean);
  if (external?.length && !options.own) return { type: 'external', brokers: external };
  // `docker` may be there without an engine behind it: only a server that answers counts.
  if (await answers('docker', ['version', '--format', '{{.Server.Version}}'])) return { type: 'docker' };
  const [java, maven] = await Promise.all([answers('java', ['-version']), answers('mvn', ['-v'])]);
  return java && maven ? { type: 'java' } : undefined;
}

export async function getKafkaSource(options: { own?: boolean } = {}): Promise<KafkaSource> {
  const source = await findKafka(options);
  if (source) return source;
  throw new Error(
    'These tests need an Apache Kafka: start a Docker engine, or install Java 17 or newer and Maven ' +
      '(Debian: apt-get install openjdk-17-jre-headless maven), or set KAFKA_BROKERS=host:port to a broker of yours.',
  );
}

async function answers(command: string, args: string[]): Promise<boolean> {
  try {
    await run(command, args, { timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
