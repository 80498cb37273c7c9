import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Recorded, Understood } from '#application';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What this process counts, in Prometheus' text format under /metrics. */
export class Metrics {
  readonly registry = new Registry();

  private readonly notifications = this.counter('notifications_total', 'Events notified by registries, by what became of them.', ['registry', 'result']);
  private readonly pulls = this.counter('pulls_total', 'Pulls notified by registries.', ['registry']);
  private readonly events = this.counter('events_recorded_total', 'Events recorded, duplicates left out.', []);
  private readonly duplicates = this.counter('events_duplicate_total', 'Events that were recorded before.', []);
  private readonly droppedPulls = this.counter('pulls_dropped_total', 'Pulls counted and dropped: of no digest in violation.', []);
  private readonly violations = this.counter('violations_total', 'Violations that arose.', []);
  private readonly attempts = this.counter('restorations_total', 'Attempts to put a sealed digest back, by outcome.', ['registry', 'outcome']);
  private readonly attemptSeconds = new Histogram({
    name: 'tagwarden_restoration_seconds',
    help: 'Time of an attempt, reading back until the tag has stood still included.',
    labelNames: ['registry'],
    buckets: SECONDS,
    registers: [this.registry],
  });
  private readonly deliveries = this.counter('alert_deliveries_total', 'Attempts to deliver an alert, by outcome.', ['channel', 'outcome']);
  private readonly clients = new Gauge({ name: 'tagwarden_stream_clients', help: 'Open live streams.', registers: [this.registry] });

  constructor() {
    collectDefaultMetrics({ register: this.registry, prefix: 'tagwarden_' });
  }

  notified(registry: string, result: 'accepted' | 'ignored' | 'rejected' | 'refused', count: number): void {
    if (count > 0) this.notifications.inc({ registry, result }, count);
  }

  understood(registry: string, { events, ignored, ignoredPulls, rejected }: Understood): void {
    this.notified(registry, 'accepted', events.length);
    this.notified(registry, 'ignored', ignored);
    this.notified(registry, 'rejected', rejected.length);
    this.pulls.inc({ registry }, ignoredPulls + events.filter(({ type }) => type === 'pulled').length);
  }

  recorded(recorded: Recorded): void {
    this.events.inc(recorded.newEvents + recorded.keptPulls);
    this.duplicates.inc(recorded.duplicates);
    this.droppedPulls.inc(recorded.droppedPulls);
    this.violations.inc(recorded.violations);
  }

  attempted(registry: string, outcome: string, seconds: number): void {
    this.attempts.inc({ registry, outcome });
    this.attemptSeconds.observe({ registry }, seconds);
  }

  delivered(channel: string, outcome: string): void {
    this.deliveries.inc({ channel, outcome });
  }

  streaming(count: number): void {
    this.clients.set(count);
  }

  private counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name: `tagwarden_${name}`, help, labelNames, registers: [this.registry] });
  }
}
