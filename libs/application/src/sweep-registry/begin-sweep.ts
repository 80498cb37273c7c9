import { type CompiledRule, instantOf, isRepositoryName, type RegistryName, type RepositoryName } from '#domain';
import type { CurrentRules } from '../ports/current-rules.js';
import type { Log } from '../ports/log.js';
import type { RecordedTags } from '../ports/recorded-tags.js';
import { canListRepositories, type RegistryClients, RegistryError } from '../ports/registry-client.js';
import type { DueSweep, SweepCoverage, SweepQueue } from '../ports/sweeps.js';
import { inChunks } from './in-chunks.js';
import { backoffMs, type SweepClock } from './sweep-clock.js';
import type { SweepEnd } from './sweep-end.js';

const CHUNK = 500;
/** A catalog that breaks down on its own size does so every time. */
const CATALOG_ATTEMPTS = 3;
const LONGEST_RETRY_MS = 300_000;

/** Finds the repositories of a registry that a rule can cover: in its catalog, in the record, and in the configuration. */
export class BeginSweep {
  constructor(
    private readonly queue: SweepQueue,
    private readonly recorded: RecordedTags,
    private readonly clients: RegistryClients,
    private readonly rules: CurrentRules,
    private readonly configuredOf: (registry: RegistryName) => readonly RepositoryName[],
    private readonly end: SweepEnd,
    private readonly log: Log,
    private readonly clock: SweepClock,
  ) {}

  /** Hands the sweep back when the signal is aborted. */
  async begin(due: DueSweep, signal: AbortSignal): Promise<void> {
    try {
      const coverage = await this.addAll(due);
      const finished = await this.queue.listed(due, coverage, this.end.nextInMs(due.registry));
      if (finished !== null) this.end.tell(finished);
    } catch (error) {
      if (signal.aborted) return this.queue.release(due);
      if (!(error instanceof RegistryError)) throw error;
      if (due.attempts === 1) this.log.warn(`The sweep of ${due.registry} cannot begin: ${error.message}`);
      const backoff = backoffMs(due.attempts, LONGEST_RETRY_MS, this.clock.random());
      await this.queue.postpone(due, Math.max(backoff, error.retryAfterMs ?? 0), error.message);
    }
  }

  private async addAll(due: DueSweep): Promise<SweepCoverage> {
    const { registry } = due;
    const { history } = await this.rules.upToDate();
    const rules = history
      .rulesAt(instantOf(this.clock.now()))
      .filter(({ rule, mayCoverRegistry }) => rule.enabled && mayCoverRegistry(registry));
    // Nobody asks a registry for what nothing would be done with.
    if (rules.length === 0) return 'known';
    const add = (names: readonly string[]) => this.queue.add(due, coverable(rules, registry, names));
    const coverage = await this.addCatalog(due, add);
    await add(this.configuredOf(registry));
    for (let after = ''; ; ) {
      const page = await this.recorded.repositories(registry, after, CHUNK);
      await add(page);
      const last = page.at(-1);
      if (last === undefined || page.length < CHUNK) return coverage;
      after = last;
    }
  }

  private async addCatalog(
    { registry, attempts }: DueSweep,
    add: (names: readonly string[]) => Promise<void>,
  ): Promise<SweepCoverage> {
    const client = this.clients.get(registry);
    if (!canListRepositories(client)) return 'known';
    try {
      for await (const names of inChunks(client.listRepositories(), CHUNK)) await add(names);
      return 'catalog';
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (isRefusal(error)) return 'known';
      if (error.code !== 'REGISTRY_REFUSED' || attempts < CATALOG_ATTEMPTS) throw error;
      this.log.warn(`The sweep of ${registry} does without its catalog: ${error.message}`);
      return 'known';
    }
  }
}

/** It has no catalog, or none for us, which is usual; whether it lets us in at all, its tags will tell. */
const isRefusal = ({ retriable, code }: RegistryError): boolean => !retriable && code !== 'REGISTRY_UNREACHABLE';

const coverable = (rules: readonly CompiledRule[], registry: RegistryName, names: readonly string[]) =>
  names
    .filter(isRepositoryName)
    .filter((repository) => rules.some(({ mayCoverRepository }) => mayCoverRepository({ registry, repository })));
