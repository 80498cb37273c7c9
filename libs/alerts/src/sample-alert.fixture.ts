import { type AlertIncident, resolvesAlert, type ServiceAlert, type ViolationAlert } from '#application';
import type { ServiceChange, ViolationChange } from '#contracts';
import {
  type IncidentId,
  instantOf,
  parseDigest,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  type Violation,
  type ViolationId,
} from '#domain';

/** An alert for the specs of the channels. */
export function sampleAlert(
  change: ViolationChange,
  violation: Partial<Violation> = {},
  incident: Partial<AlertIncident> = {},
): ViolationAlert {
  const at = instantOf(Date.parse('2026-08-20T09:14:03Z'));
  return {
    dedupKey: 'incident-1',
    messageId: '8f0c1e9a-0000-8000-8000-000000000001',
    change,
    resolves: resolvesAlert(change),
    at,
    violation: {
      id: 'violation-1' as ViolationId,
      kind: 'overwrite',
      state: change === 'fight' ? 'detected' : change,
      registry: parseRegistryName('local'),
      repository: parseRepositoryName('acme/app'),
      tag: parseTagName('v1.0'),
      sealedDigest: parseDigest(`sha256:${'a'.repeat(64)}`),
      foundDigest: parseDigest(`sha256:${'b'.repeat(64)}`),
      actor: 'ci-bot',
      detectedAt: at,
      restoredAt: null,
      rule: { id: 'rule-1', name: 'releases' },
      failure: null,
      ...violation,
    },
    incident: {
      id: 'incident-1' as IncidentId,
      members: 1,
      since: at,
      isMixed: false,
      page: 1,
      earlier: [],
      ...incident,
    },
  };
}

export const sampleServiceAlert = (change: ServiceChange, sentence: string): ServiceAlert => ({
  dedupKey: 'canary/local',
  messageId: '8f0c1e9a-0000-8000-8000-000000000002',
  change,
  resolves: change === 'canaryRecovered' || change === 'registryHeard',
  at: instantOf(Date.parse('2026-08-20T09:14:03Z')),
  registry: parseRegistryName('local'),
  sentence,
});
