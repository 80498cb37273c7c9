/** A message of `tagwarden.violations`, for the specs of the notifier. */
export function violationMessage(change: Record<string, unknown> = {}): Buffer {
  const message = {
    specversion: '1.0',
    id: 'event-1',
    source: 'tagwarden',
    type: 'tagwarden.violation.detected',
    subject: 'local/acme/app:v1.0',
    time: '2026-08-20T09:14:03Z',
    datacontenttype: 'application/json',
    data: {
      id: 'violation-1',
      kind: 'overwrite',
      state: 'detected',
      registry: 'local',
      repository: 'acme/app',
      tag: 'v1.0',
      sealedDigest: `sha256:${'a'.repeat(64)}`,
      foundDigest: `sha256:${'b'.repeat(64)}`,
      actor: 'ci-bot',
      detectedAt: '2026-08-20T09:14:03Z',
      restoredAt: null,
      rule: { id: 'rule-1', name: 'releases' },
      failure: null,
    },
    ...change,
  };
  return Buffer.from(JSON.stringify(message));
}
