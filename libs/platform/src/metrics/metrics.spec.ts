import { expect, test } from '@jest/globals';
import type { NewViolation } from '#application';
import { Metrics } from './metrics.js';

test('Metrics are told in the words of the domain', async () => {
  const metrics = new Metrics();
  metrics.understood('local', { events: [], ignored: 2, ignoredPulls: 0, rejected: [{ reason: 'r', payload: 'p' }] });
  metrics.recorded({
    newEvents: 3,
    duplicates: 2,
    keptPulls: 1,
    droppedPulls: 4,
    violations: [{ violation: { kind: 'overwrite', mode: 'audit' } } as NewViolation],
    unknownIndexes: [],
  });
  metrics.attempted('local', 'restored', 0.2);
  metrics.delivered('ops', 'retry');
  const lines = (await metrics.render()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'tagwarden_notifications_total{registry="local",result="ignored"} 2',
      'tagwarden_notifications_total{registry="local",result="rejected"} 1',
      'tagwarden_events_recorded_total 4',
      'tagwarden_violations_total{kind="overwrite",mode="audit"} 1',
      'tagwarden_restorations_total{registry="local",outcome="restored"} 1',
      'tagwarden_restore_seconds_bucket{le="0.25"} 1',
      'tagwarden_alert_deliveries_total{channel="ops",outcome="retry"} 1',
    ]),
  );
  expect(lines.some((line) => line.startsWith('process_resident_memory_bytes'))).toBe(true);
});
