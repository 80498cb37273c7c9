import { TOPICS, type ViolationChange, type ViolationChanged } from '#contracts';
import { deriveId, formatTagRef, type Instant, type Violation } from '#domain';
import type { OutgoingMessage } from './ports/message-bus.js';

/** The bus message that tells of a violation's change. `version` makes its id stable: the same change has the same id. */
export function announceViolation(
  violation: Violation,
  change: ViolationChange,
  version: number,
  now: Instant,
): OutgoingMessage & { topic: string } {
  const event: ViolationChanged = {
    specversion: '1.0',
    id: deriveId('violation-changed', violation.id, String(version), change),
    source: 'tagwarden',
    type: `tagwarden.violation.${change}`,
    subject: formatTagRef(violation),
    time: now,
    datacontenttype: 'application/json',
    data: violation,
  };
  return {
    topic: TOPICS.violations,
    key: `${violation.registry}/${violation.repository}`,
    value: Buffer.from(JSON.stringify(event)),
    headers: { 'content-type': 'application/cloudevents+json' },
  };
}
