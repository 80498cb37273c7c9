import {
  type CompiledRule,
  compileRule,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  type RepositoryName,
  type RuleDefinition,
  RuleHistory,
} from '#domain';
import type { CurrentRules, Ruling } from '../ports/current-rules.js';
import type { Log } from '../ports/log.js';
import { type RegistryClient, RegistryClients } from '../ports/registry-client.js';
import {
  type DueRepository,
  type DueSweep,
  type SweepDifferences,
  SweepQueue,
  SweepRepositoryQueue,
} from '../ports/sweeps.js';
import { SweepEnd } from './sweep-end.js';

export const REGISTRY = parseRegistryName('local');
const RUN = '00000000-0000-8000-8000-000000000001';

export const dueSweep = (attempts = 1): DueSweep => ({
  registry: REGISTRY,
  runId: RUN,
  cause: 'schedule',
  attempts,
  claims: attempts,
});

export const dueRepository = (attempts = 1): DueRepository => ({
  registry: REGISTRY,
  repository: parseRepositoryName('team/app'),
  runId: RUN,
  attempts,
  claims: attempts,
});

/** Writes down what is done to its sweeps, as `verb detail`. */
export class NotedSweeps extends SweepQueue {
  readonly added: RepositoryName[] = [];
  readonly done: string[] = [];

  override async add(_: DueSweep, repositories: readonly RepositoryName[]): Promise<void> {
    this.added.push(...repositories);
  }
  override async listed(_: DueSweep, coverage: string): Promise<null> {
    this.done.push(`listed ${coverage}`);
    return null;
  }
  override async postpone(_: DueSweep, delayMs: number): Promise<void> {
    this.done.push(`postpone ${delayMs}`);
  }
  override async release(): Promise<void> {
    this.done.push('release');
  }
  override schedule = async () => undefined;
  override claim = async () => [];
  override renew = async () => undefined;
  override nextDueInMs = async () => null;
}

export class NotedRepositories extends SweepRepositoryQueue {
  readonly done: string[] = [];

  override async progress(_: DueRepository, tags: number, { differences }: SweepDifferences): Promise<void> {
    this.done.push(`progress ${tags} ${differences}`);
  }
  override async finish(_: DueRepository, error: string | null): Promise<null> {
    this.done.push(`finish ${error}`);
    return null;
  }
  override async postpone(_: DueRepository, delayMs: number): Promise<void> {
    this.done.push(`postpone ${delayMs}`);
  }
  override async hold(_: DueRepository, delayMs: number): Promise<void> {
    this.done.push(`hold ${delayMs}`);
  }
  override async release(): Promise<void> {
    this.done.push('release');
  }
  override claim = async () => [];
  override renew = async () => undefined;
  override nextDueInMs = async () => null;
}

export class OneClient extends RegistryClients {
  constructor(private readonly client: Partial<RegistryClient>) {
    super();
  }
  override get = () => this.client as RegistryClient;
}

export function rulesOf(...definitions: readonly RuleDefinition[]): CurrentRules {
  const rules: CompiledRule[] = definitions.map((definition) => compileRule(definition));
  const ruling: Ruling = { history: new RuleHistory([{ effectiveFrom: null, rules }]), waivers: NO_WAIVERS };
  return { latest: () => ruling, upToDate: async () => ruling };
}

export const SILENT: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const CLOCK = { now: () => 1_800_000_000_000, random: () => 0, sleep: async () => undefined };
export const END = new SweepEnd(() => 300_000, SILENT, CLOCK);
export const RUNNING = new AbortController().signal;

export async function* iterate(...names: readonly string[]): AsyncGenerator<string> {
  yield* names;
}

// biome-ignore lint/correctness/useYield: what fails before it has given anything.
export async function* failing(error: Error): AsyncGenerator<string> {
  throw error;
}
