import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { CanaryRun, Recorded, Understood } from '#application';
import { isOfCanary } from '#domain';

const EVENT_LOOP_PRECISION_MS = 250;

/** What Prometheus reads, in the words of the domain. One of it a process. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly notifications = this.counter(
    'tagwarden_notifications_total',
    'What notifications held: accepted, ignored or rejected events; refused requests.',
    ['registry', 'result'],
  );
  private readonly events = this.counter('tagwarden_events_recorded_total', 'Events that were new to the record.', []);
  private readonly duplicates = this.counter(
    'tagwarden_events_duplicate_total',
    'Events that were recorded before.',
    [],
  );
  private readonly pulls = this.counter(
    'tagwarden_pulls_total',
    'Pulls that registries told of: kept as exposure, or dropped.',
    ['result'],
  );
  private readonly violations = this.counter('tagwarden_violations_total', 'Violations that arose.', ['kind', 'mode']);
  private readonly restorations = this.counter(
    'tagwarden_restorations_total',
    'Attempts to restore a tag that ended.',
    ['registry', 'outcome'],
  );
  private readonly restoreSeconds = new Histogram({
    name: 'tagwarden_restore_seconds',
    help: 'How long an attempt to restore a tag took, read-backs included.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });
  private readonly deliveries = this.counter('tagwarden_alert_deliveries_total', 'Attempts to deliver an alert.', [
    'channel',
    'outcome',
  ]);
  private readonly sweptTags = this.counter('tagwarden_sweep_tags_total', 'Tags that sweeps have checked.', [
    'registry',
  ]);
  private readonly sweepDifferences = this.counter(
    'tagwarden_sweep_differences_total',
    'Tags that sweeps have found to differ from the record.',
    ['registry'],
  );

  private readonly canaryDetect = this.canarySeconds(
    'tagwarden_canary_detect_seconds',
    'From the overwriting of a canary until its violation was recorded.',
  );
  private readonly canaryRestore = this.canarySeconds(
    'tagwarden_canary_restore_seconds',
    'From the overwriting of a canary until it was restored.',
  );

  constructor() {
    // Its own 10 ms would wake an idle process a hundred times a second.
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  }

  /** `result`: accepted, ignored, rejected or refused. */
  notified(registry: string, result: string, count: number): void {
    if (count > 0) this.notifications.inc({ registry, result }, count);
  }

  understood(registry: string, { events, ignored, ignoredPulls, rejected }: Understood): void {
    this.pulls.inc({ result: 'dropped' }, ignoredPulls);
    this.notified(registry, 'accepted', events.length);
    this.notified(registry, 'ignored', ignored);
    this.notified(registry, 'rejected', rejected.length);
  }

  recorded({ newEvents, duplicates, keptPulls, droppedPulls, violations }: Recorded): void {
    this.events.inc(newEvents + keptPulls);
    this.duplicates.inc(duplicates);
    this.pulls.inc({ result: 'kept' }, keptPulls);
    this.pulls.inc({ result: 'dropped' }, droppedPulls);
    for (const { ref, violation } of violations) {
      // Whoever alerts on violations must not be woken by those of our own making.
      if (isOfCanary({ registry: ref.registry, rule: violation.rule })) continue;
      this.violations.inc({ kind: violation.kind, mode: violation.mode });
    }
  }

  attempted(registry: string, outcome: string, seconds: number): void {
    this.restorations.inc({ registry, outcome });
    this.restoreSeconds.observe(seconds);
  }

  /** `outcome`: delivered, retry or failed. */
  delivered(channel: string, outcome: string): void {
    this.deliveries.inc({ channel, outcome });
  }

  swept(registry: string, tags: number, differences: number): void {
    this.sweptTags.inc({ registry }, tags);
    this.sweepDifferences.inc({ registry }, differences);
  }

  /** Asks for the ages, in seconds, whenever somebody reads the metrics. */
  showSweepAges(read: () => Promise<readonly { registry: string; seconds: number }[]>): void {
    this.gaugeByRegistry(
      'tagwarden_sweep_age_seconds',
      'How long ago the last finished sweep began: since then each covered tag was checked.',
      async () => (await read()).map(({ registry, seconds }) => ({ registry, value: seconds })),
    );
  }

  ranCanary(registry: string, { detectSeconds, restoreSeconds }: CanaryRun): void {
    if (detectSeconds !== null) this.canaryDetect.observe({ registry }, detectSeconds);
    if (restoreSeconds !== null) this.canaryRestore.observe({ registry }, restoreSeconds);
  }

  /** Asks for the last runs whenever somebody reads the metrics: the same in every process, and after a restart. */
  showCanaries(read: () => Promise<readonly { registry: string; seconds: number; isOk: boolean }[]>): void {
    this.gaugeByRegistry(
      'tagwarden_canary_success',
      'Whether the last run of a canary was detected and restored: 1 or 0.',
      async () => (await read()).map(({ registry, isOk }) => ({ registry, value: Number(isOk) })),
    );
    this.gaugeByRegistry(
      'tagwarden_canary_last_run_timestamp_seconds',
      'When the last run of a canary ended, in seconds since the epoch.',
      async () => (await read()).map(({ registry, seconds }) => ({ registry, value: seconds })),
    );
  }

  /** Asks which registries are deaf whenever somebody reads the metrics. */
  showHearing(read: () => Promise<readonly { registry: string; isDeaf: boolean }[]>): void {
    this.gaugeByRegistry(
      'tagwarden_registry_deaf',
      'Whether a sweep found changes of a registry that sends no notifications any more: 1 or 0.',
      async () => (await read()).map(({ registry, isDeaf }) => ({ registry, value: Number(isDeaf) })),
    );
  }

  /** Asked whenever Prometheus does. While the answer cannot be had, the last one stands. */
  watchTrippedBreakers(count: () => Promise<number>): void {
    new Gauge({
      name: 'tagwarden_breakers_tripped',
      help: 'Tags that are left alone because another writer fights back, by the database: the same in every process.',
      registers: [this.registry],
      async collect() {
        const tripped = await count().catch(() => null);
        if (tripped !== null) this.set(tripped);
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  render(): Promise<string> {
    return this.registry.metrics();
  }

  /** Read anew each time. While the answer cannot be had, there is none. */
  private gaugeByRegistry(
    name: string,
    help: string,
    read: () => Promise<readonly { registry: string; value: number }[]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ['registry'],
      registers: [this.registry],
      async collect() {
        this.reset();
        // Without the database there is nothing to show; the other metrics are read all the same.
        for (const { registry, value } of await read().catch(() => [])) this.set({ registry }, value);
      },
    });
  }

  private canarySeconds(name: string, help: string): Histogram<'registry'> {
    const buckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 60];
    return new Histogram({ name, help, labelNames: ['registry'], buckets, registers: [this.registry] });
  }

  private counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }
}
