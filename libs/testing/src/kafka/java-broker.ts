import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, type KafkaBroker, waitUntilItAnswers } from './broker.js';
import { fetchKafkaJars } from './fetch-jars.js';

const run = promisify(execFile);
/** A test broker lives for a minute: the second compiler and a large heap would cost more than they bring. */
const JVM = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const SHUTDOWN_GRACE_MS = 10_000;

/** `detached`: outlives this process (the broker shared by a whole jest run); `pid` is then how to end it. */
export async function startJavaBroker(
  options: { detached?: boolean; properties?: Readonly<Record<string, string>> } = {},
): Promise<KafkaBroker & { pid(): number | undefined; directory: string }> {
  const classpath = join(await fetchKafkaJars(), '*');
  const directory = await mkdtemp(join(tmpdir(), 'tagwarden-kafka-'));
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  const config = join(directory, 'server.properties');
  await writeFile(config, serverProperties({ port, controllerPort, directory, extra: options.properties ?? {} }));
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'k');
  await run('java', [...JVM, '-cp', classpath, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config]);

  const brokers = [`127.0.0.1:${port}`];
  let child: ChildProcess | undefined;
  let output = '';
  const start = async () => {
    const started = spawn('java', [...JVM, '-cp', classpath, 'kafka.Kafka', config], {
      stdio: options.detached ? 'ignore' : ['ignore', 'pipe', 'pipe'],
      detached: options.detached ?? false,
    });
    child = started;
    if (options.detached) started.unref();
    for (const stream of [started.stdout, started.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-4000);
      });
    }
    await waitUntilItAnswers(brokers, () =>
      started.exitCode === null && started.signalCode === null ? undefined : output || 'it printed nothing',
    );
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const running = child;
    const gone = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), SHUTDOWN_GRACE_MS);
    await gone;
    clearTimeout(timer);
  };
  const killWithUs = () => child?.kill('SIGKILL');
  if (!options.detached) process.once('exit', killWithUs);

  const broker = {
    brokers,
    directory,
    pid: () => child?.pid,
    kill: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      await start();
    },
    stop: async () => {
      process.removeListener('exit', killWithUs);
      await end('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await start();
    return broker;
  } catch (error) {
    await end('SIGKILL');
    await broker.stop();
    throw error;
  }
}

function serverProperties(options: {
  port: number;
  controllerPort: number;
  directory: string;
  extra: Readonly<Record<string, string>>;
}): string {
  const properties: Record<string, string | number> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${options.controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${options.port},CONTROLLER://127.0.0.1:${options.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${options.port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(options.directory, 'data'),
    ...SINGLE_NODE_PROPERTIES,
    ...options.extra,
  };
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** What one node must be told to do without replicas, and a test to start at once. */
export const SINGLE_NODE_PROPERTIES: Readonly<Record<string, string | number>> = {
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': 1,
  'offsets.topic.num.partitions': 4,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'group.initial.rebalance.delay.ms': 0,
  // A killed broker may register again once its old session has ended: 9 s by default, each time a test restarts it.
  'broker.session.timeout.ms': 1000,
  'broker.heartbeat.interval.ms': 200,
};
