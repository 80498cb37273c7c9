import { execFile } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { KAFKA_VERSION, provisionDistribution } from '#testing';
import type { BenchPostgres } from './bench-postgres.js';

/** What the figures were measured on: they are worth nothing without it. */
export async function describeMachine(postgres: BenchPostgres): Promise<string> {
  const cores = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  const parts = [
    `${cores.length} cores (${cores[0]?.model.trim() ?? 'unknown'})`,
    `${memory} GB`,
    `Node ${process.versions.node}`,
    `PostgreSQL ${await postgres.version()} (fsync ${await postgres.show('fsync')}, synchronous_commit ${await postgres.show('synchronous_commit')})`,
    `Kafka ${KAFKA_VERSION}`,
    `registry ${await registryVersion()}`,
  ];
  return `Measured ${new Date().toISOString().slice(0, 10)} on ${parts.join(', ')}; all on loopback.`;
}

async function registryVersion(): Promise<string> {
  const { stdout } = await promisify(execFile)(await provisionDistribution(), ['--version']);
  return stdout.trim().split(' ').at(-1) ?? 'unknown';
}
