import { z } from 'zod';
import { SERVICE_CHANGES, type ServiceChange, VIOLATION_CHANGES, type ViolationChange } from '#contracts';
import type { KeyPath } from './key-path.js';
import type { Loading } from './loading.js';
import { isPrivateHost } from './private-address.js';
import type { Secret } from './secret.js';
import { findUrl, secretKeys } from './values.js';

type Channel = {
  readonly name: string;
  /** A secret, because Slack's is one and others carry tokens. */
  readonly url: Secret;
  /** Whether it may lead into a private network, now and when its name is resolved. */
  readonly allowPrivate: boolean;
  /** What it is told of. */
  readonly on: readonly (ViolationChange | ServiceChange)[];
};

export type AlertConfiguration =
  | (Channel & { readonly type: 'slack' })
  | (Channel & {
      readonly type: 'webhook';
      /** `whsec_…`, per Standard Webhooks. */
      readonly secret: Secret;
    });

const ChannelShape = {
  name: z.string().min(1).max(100),
  ...secretKeys('url'),
  allowPrivate: z.boolean().default(false),
  on: z
    .array(z.enum([...VIOLATION_CHANGES, ...SERVICE_CHANGES]))
    .min(1)
    .prefault(['detected', 'restored', 'failed', ...SERVICE_CHANGES]),
};
const SlackSchema = z.strictObject({ type: z.literal('slack'), ...ChannelShape });
const WebhookSchema = z.strictObject({ type: z.literal('webhook'), ...ChannelShape, ...secretKeys('secret') });

export function loadAlerts(loading: Loading): readonly AlertConfiguration[] {
  const items = loading.items(['alerts']);
  loading.refuseDuplicates(items);
  return items.flatMap((path) => loadAlert(loading, path) ?? []);
}

function loadAlert(loading: Loading, path: KeyPath): AlertConfiguration | null {
  switch (loading.value([...path, 'type'])) {
    case 'slack': {
      const section = loading.check(SlackSchema, path);
      const url = section && loadUrl(loading, section, path);
      return section && url && { type: 'slack', ...channelOf(section, url) };
    }
    case 'webhook': {
      const section = loading.check(WebhookSchema, path);
      const url = section && loadUrl(loading, section, path);
      const secret = section && loadSigningSecret(loading, section, path);
      return section && url && secret && { type: 'webhook', ...channelOf(section, url), secret };
    }
    default:
      loading.report([...path, 'type'], 'It must be one of slack, webhook.');
      return null;
  }
}

function channelOf(section: z.output<typeof SlackSchema | typeof WebhookSchema>, url: Secret): Channel {
  const { name, allowPrivate, on } = section;
  return { name, url, allowPrivate, on };
}

type UrlSection = Readonly<Record<string, unknown>> & { readonly allowPrivate: boolean };

function loadUrl(loading: Loading, section: UrlSection, path: KeyPath): Secret | null {
  const before = loading.problems.length;
  const secret = loading.secret(section, path, 'url');
  if (!secret && loading.problems.length === before) loading.report(path, 'It needs url, urlEnv or urlFile.');
  if (!secret) return null;
  const url = findUrl(secret.reveal());
  const place = [...path, ['url', 'urlEnv', 'urlFile'].find((key) => section[key] !== undefined) ?? 'url'];
  if (!url || !/^https?:$/.test(url.protocol)) {
    loading.report(place, 'It must be an http or https URL.');
  } else if (isPrivateHost(url) && !section.allowPrivate) {
    loading.report(
      place,
      'It leads to this machine or a private network, where alerts could be abused to reach internal services. If that is meant, add allowPrivate: true.',
    );
  }
  return secret;
}

function loadSigningSecret(loading: Loading, section: UrlSection, path: KeyPath): Secret | null {
  const before = loading.problems.length;
  const secret = loading.secret(section, path, 'secret');
  if (!secret && loading.problems.length === before) {
    loading.report(path, 'It needs secretEnv, secretFile or secret, so that the receiver can check who sent it.');
  }
  if (secret && !isSigningSecret(secret.reveal())) {
    const place = [
      ...path,
      ['secret', 'secretEnv', 'secretFile'].find((key) => section[key] !== undefined) ?? 'secret',
    ];
    const command = 'echo "whsec_$(openssl rand -base64 32)"';
    loading.report(place, `The secret must be whsec_ and then 24 to 64 bytes in base64: ${command} makes one.`);
  }
  return secret;
}

function isSigningSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined || base64.replace(/=+$/, '').length % 4 === 1) return false;
  const { length } = Buffer.from(base64, 'base64');
  return length >= 24 && length <= 64;
}
