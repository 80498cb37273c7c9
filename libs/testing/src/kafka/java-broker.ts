import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, type KafkaBroker, waitUntilItAnswers } from './broker.js';
import { fetchKafkaJars } from './fetch-jars.js';
import { serverProperties } from './server-properties.js';

const run = promisify(execFile);
/** A test broker lives for a minute: the second compiler and a large heap would cost more than they bring. */
const JVM = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const SHUTDOWN_GRACE_MS = 10_000;

/** `detached`: outlives this process (the broker shared by a whole jest run); its `pid` is then how to end it. */
export async function startJavaBroker(options: { detached?: boolean } = {}): Promise<JavaBroker> {
  const java = [...JVM, '-cp', join(await fetchKafkaJars(), '*')];
  const directory = await mkdtemp(join(tmpdir(), 'tagwarden-kafka-'));
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  const config = join(directory, 'server.properties');
  await writeFile(config, serverProperties({ port, controllerPort, directory }));
  const clusterId = randomBytes(16).toString('hex').slice(0, 22);
  await run('java', [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config]);
  const broker = new JavaBroker([`127.0.0.1:${port}`], directory, [...java, 'kafka.Kafka', config], options.detached);
  try {
    await broker.restart();
    return broker;
  } catch (error) {
    await broker.stop();
    throw error;
  }
}

export class JavaBroker implements KafkaBroker {
  private child: ChildProcess | undefined;
  private output = '';
  private readonly killWithUs = () => this.child?.kill('SIGKILL');

  constructor(
    readonly brokers: string[],
    readonly directory: string,
    private readonly command: readonly string[],
    private readonly detached = false,
  ) {
    if (!detached) process.once('exit', this.killWithUs);
  }

  pid(): number | undefined {
    return this.child?.pid;
  }

  async restart(): Promise<void> {
    await this.end('SIGTERM');
    const child = this.spawn();
    this.child = child;
    await waitUntilItAnswers(this.brokers, () => (isRunning(child) ? undefined : this.output || 'it printed nothing'));
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(): Promise<void> {
    process.removeListener('exit', this.killWithUs);
    await this.end('SIGTERM');
    await rm(this.directory, { recursive: true, force: true });
  }

  private spawn(): ChildProcess {
    const output = this.detached ? 'ignore' : 'pipe';
    const child = spawn('java', this.command, { stdio: ['ignore', output, output], detached: this.detached });
    if (this.detached) child.unref();
    const keepTheEnd = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-4000);
    };
    child.stdout?.on('data', keepTheEnd);
    child.stderr?.on('data', keepTheEnd);
    return child;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    if (!child || !isRunning(child)) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), SHUTDOWN_GRACE_MS);
    await gone;
    clearTimeout(timer);
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
