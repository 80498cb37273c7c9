import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';

/** A running Apache Kafka of one node. */
export type KafkaBroker = {
  readonly brokers: string[];
  /** Shuts it down and removes its data. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut does. Ports and data stay for `restart`. */
  kill(): Promise<void>;
  /** Brings it up again on the same ports and data, whether it runs or not; resolves when it answers. */
  restart(): Promise<void>;
};

const STARTUP_TIMEOUT_MS = 90_000;

/** Resolves once the broker has registered itself; rejects early when `exited` tells that its process is gone. */
export async function waitUntilItAnswers(brokers: string[], exited: () => string | undefined): Promise<void> {
  const deadline = Date.now() + STARTUP_TIMEOUT_MS;
  for (;;) {
    const reason = exited();
    if (reason !== undefined) throw new Error(`Kafka ended while starting: ${reason}`);
    const problem = await describe(brokers);
    if (problem === undefined) return;
    if (Date.now() > deadline) {
      throw new Error(`Kafka at ${brokers.join(',')} did not answer within ${STARTUP_TIMEOUT_MS / 1000} s: ${problem}`);
    }
    await sleep(100);
  }
}

/** Undefined when the broker answers, else why it does not. */
export async function describe(brokers: string[]): Promise<string | undefined> {
  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 }, connectionTimeout: 1000 });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    return cluster.brokers.length > 0 ? undefined : 'no broker has registered yet';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

/** Loopback ports that are free now. All are held open together, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer().once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
