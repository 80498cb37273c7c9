import { expect, test } from '@jest/globals';
import type { NewViolation } from '#application';
import { canaryRule, canaryTag, parseRegistryName, parseRepositoryName } from '#domain';
import { Metrics } from './metrics.js';

const local = parseRegistryName('local');
const repository = parseRepositoryName('tagwarden/canary');
const violationBy = (rule: { id: string; name: string }) =>
  ({ ref: canaryTag(local, repository), violation: { kind: 'overwrite', mode: 'audit', rule } }) as NewViolation;

test('Metrics are told in the words of the domain', async () => {
  const metrics = new Metrics();
  metrics.understood('local', {
    events: [],
    hints: [],
    handshake: null,
    ignored: 2,
    ignoredPulls: 0,
    rejected: [{ reason: 'r', payload: 'p' }],
  });
  metrics.recorded({
    newEvents: 3,
    duplicates: 2,
    keptPulls: 1,
    droppedPulls: 4,
    violations: [violationBy({ id: 'rule-1', name: 'releases' }), violationBy(canaryRule(local, repository).rule)],
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

test('Metrics show how many breakers are tripped, and the last number while nobody knows', async () => {
  const metrics = new Metrics();
  const answers = [async () => 2, () => Promise.reject(new Error('The database is away.'))];
  metrics.watchTrippedBreakers(() => answers.shift()!());
  expect(await metrics.render()).toContain('tagwarden_breakers_tripped 2');
  expect(await metrics.render()).toContain('tagwarden_breakers_tripped 2');
});

test('Metrics show how old the last sweep is, and none where nobody knows', async () => {
  const metrics = new Metrics();
  metrics.swept('local', 1_240, 2);
  const answers = [
    async () => [{ registry: 'local', seconds: 180 }],
    () => Promise.reject(new Error('The database is away.')),
  ];
  metrics.showSweepAges(() => answers.shift()!());
  const text = await metrics.render();
  expect(text).toContain('tagwarden_sweep_age_seconds{registry="local"} 180');
  expect(text).toContain('tagwarden_sweep_tags_total{registry="local"} 1240');
  expect(text).toContain('tagwarden_sweep_differences_total{registry="local"} 2');
  expect(await metrics.render()).not.toContain('tagwarden_sweep_age_seconds{');
});

test('Metrics show how a canary fares: what was measured, and how the last run ended', async () => {
  const metrics = new Metrics();
  const sentence = 'A sentence.';
  metrics.ranCanary('local', { outcome: 'ok', detectSeconds: 0.2, restoreSeconds: 3, sentence });
  metrics.ranCanary('local', { outcome: 'notRestored', detectSeconds: 0.3, restoreSeconds: null, sentence });
  let isAway = false;
  metrics.showCanaries(async () => {
    if (isAway) throw new Error('The database is away.');
    return [
      { registry: 'local', seconds: 1_800_000_000, isOk: true },
      { registry: 'other', seconds: 1_800_000_001, isOk: false },
    ];
  });
  expect((await metrics.render()).split('\n')).toEqual(
    expect.arrayContaining([
      'tagwarden_canary_detect_seconds_bucket{le="0.25",registry="local"} 1',
      'tagwarden_canary_detect_seconds_count{registry="local"} 2',
      'tagwarden_canary_restore_seconds_bucket{le="5",registry="local"} 1',
      'tagwarden_canary_restore_seconds_count{registry="local"} 1',
      'tagwarden_canary_success{registry="local"} 1',
      'tagwarden_canary_success{registry="other"} 0',
      'tagwarden_canary_last_run_timestamp_seconds{registry="local"} 1800000000',
    ]),
  );
  isAway = true;
  const later = await metrics.render();
  expect(later).not.toContain('tagwarden_canary_success{');
  expect(later).not.toContain('tagwarden_canary_last_run_timestamp_seconds{');
});

test('Metrics show which registries are deaf', async () => {
  const metrics = new Metrics();
  metrics.showHearing(async () => [
    { registry: 'local', isDeaf: true },
    { registry: 'other', isDeaf: false },
  ]);
  const text = await metrics.render();
  expect(text).toContain('tagwarden_registry_deaf{registry="local"} 1');
  expect(text).toContain('tagwarden_registry_deaf{registry="other"} 0');
});
