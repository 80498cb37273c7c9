import { leadsTo } from '../subscription/install-steps.js';
import type { WebhookPolicy } from './schema.js';

/** What tells that a tag may have changed. Releases that do not know one of them refuse the whole policy. */
export const EVENT_TYPES = ['PUSH_ARTIFACT', 'DELETE_ARTIFACT', 'TAG_RETENTION'] as const;
/** Only newer releases tell of tags that the API makes. */
const WHERE_SUPPORTED = ['CREATE_TAG'] as const;

export type DesiredPolicy = {
  readonly name: string;
  readonly description: string;
  readonly enabled: true;
  readonly event_types: readonly string[];
  readonly targets: readonly {
    readonly type: 'http';
    readonly address: string;
    readonly auth_header: string;
    readonly skip_cert_verify: boolean;
    readonly payload_format: 'CloudEvents';
  }[];
};

export type PolicyParts = {
  readonly registry: string;
  readonly webhookUrl: string;
  readonly token: string;
  readonly eventTypes: readonly string[];
  readonly found?: WebhookPolicy | null;
};

/** What people have set beside is left: the name, and whether certificates are checked. */
export function desiredPolicy({ registry, webhookUrl, token, eventTypes, found }: PolicyParts): DesiredPolicy {
  return {
    name: found?.name || `tagwarden-${registry}`,
    description: found?.description || 'Tells Tagwarden of pushes and deletions.',
    enabled: true,
    event_types: eventTypes,
    targets: [
      {
        type: 'http',
        address: webhookUrl,
        auth_header: `Bearer ${token}`,
        skip_cert_verify: found?.targets?.[0]?.skip_cert_verify ?? false,
        payload_format: 'CloudEvents',
      },
    ],
  };
}

/** Those that are needed, and what people have added. */
export function eventTypesOf(supported: readonly string[], found: WebhookPolicy | null): string[] {
  const needed = [...EVENT_TYPES, ...WHERE_SUPPORTED].filter((type) => supported.includes(type));
  return [...new Set([...needed, ...(found?.event_types ?? [])])];
}

export function differs(found: WebhookPolicy, desired: DesiredPolicy): boolean {
  const [target] = found.targets ?? [];
  const [wanted] = desired.targets;
  const hasTypes = desired.event_types.every((type) => found.event_types?.includes(type));
  if (!found.enabled || !hasTypes || !target || !wanted) return true;
  return !leadsTo(target.address, wanted.address) || !isSame(target, wanted);
}

type Target = NonNullable<WebhookPolicy['targets']>[number];

/** Where the API hides the header, or does not know formats, it cannot be compared. */
const isSame = (target: Target, wanted: DesiredPolicy['targets'][number]): boolean =>
  [null, '', wanted.auth_header].includes(target.auth_header ?? null) &&
  [null, '', wanted.payload_format].includes(target.payload_format ?? null);
