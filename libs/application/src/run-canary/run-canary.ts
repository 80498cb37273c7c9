import { canaryTag, instantOf, type RegistryName, type RepositoryName } from '#domain';
import type { AlertChannels } from '../ports/alert-channel.js';
import type { PlannedDelivery } from '../ports/alert-deliveries.js';
import type { CanaryQueue, CanaryRecord, CanaryRun, DueCanary, FinishedCanaryRun } from '../ports/canaries.js';
import type { Log } from '../ports/log.js';
import type { RegistryClients } from '../ports/registry-client.js';
import { planServiceAlerts } from '../send-alerts/plan-service-alerts.js';
import { jittered, type SweepClock } from '../sweep-registry/sweep-clock.js';
import { overwriteCanary } from './overwrite-canary.js';

export type CanarySettings = { readonly everyMs: number; readonly repository: RepositoryName };

/** Overwrites a registry's canary, keeps what came of it, and has people told when that changes. */
export class RunCanary {
  constructor(
    private readonly queue: CanaryQueue,
    private readonly record: CanaryRecord,
    private readonly clients: RegistryClients,
    private readonly channels: AlertChannels,
    private readonly settingsOf: (registry: RegistryName) => CanarySettings,
    private readonly log: Log,
    private readonly clock: SweepClock,
    private readonly onRun: (registry: RegistryName, run: CanaryRun) => void = () => undefined,
  ) {}

  /** Hands the canary back when the signal is aborted. */
  async run(due: DueCanary, signal: AbortSignal): Promise<void> {
    const { registry } = due;
    const { everyMs, repository } = this.settingsOf(registry);
    const surroundings = { client: this.clients.get(registry), record: this.record, clock: this.clock };
    let run: CanaryRun;
    try {
      run = await overwriteCanary(canaryTag(registry, repository), surroundings, signal);
    } catch (error) {
      if (signal.aborted) return this.queue.release(due);
      throw error;
    }
    const finished = { ...run, at: instantOf(this.clock.now()) };
    await this.queue.finish(due, finished, jittered(everyMs, this.clock.random()), this.alertsFor(due, finished));
    this.tell(due, finished);
  }

  /** Once when it fails, and once when it is well again. */
  private alertsFor(
    { registry, lastOutcome }: DueCanary,
    { outcome, sentence, at }: FinishedCanaryRun,
  ): PlannedDelivery[] {
    const [wasWell, isWell] = [lastOutcome === null || lastOutcome === 'ok', outcome === 'ok'];
    if (wasWell === isWell) return [];
    const type = isWell ? 'canaryRecovered' : 'canaryFailed';
    return planServiceAlerts({ type, registry, sentence, at }, this.channels.list());
  }

  private tell({ registry }: DueCanary, run: FinishedCanaryRun): void {
    this.onRun(registry, run);
    const detail = { registry, outcome: run.outcome };
    if (run.outcome === 'ok') this.log.info(`The canary of ${registry}: ${run.sentence}`, detail);
    else this.log.warn(`The canary of ${registry} failed. ${run.sentence}`, detail);
  }
}
