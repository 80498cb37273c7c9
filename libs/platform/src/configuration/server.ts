import { z } from 'zod';
import type { Loading } from './loading.js';
import type { Secret } from './secret.js';
import { duration, findUrl, parsedText, secretKeys } from './values.js';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type ServerConfiguration = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Where registries reach intake, without a slash at the end; null: not said. */
  readonly publicUrl: string | null;
  /** Absolute. */
  readonly dataDir: string;
  /** null: generated at first start. */
  readonly adminKey: Secret | null;
  /** 32 bytes in base64 or hex, or a passphrase; null: generated into the data folder. */
  readonly secretKey: Secret | null;
  readonly log: { readonly level: (typeof LOG_LEVELS)[number]; readonly pretty: boolean };
  /** How long after a seal an index may take its child's place. */
  readonly settleMs: number;
};

const section = z.unknown().optional();

const PublicUrl = parsedText(z.string(), (value) => {
  const url = findUrl(value);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error('It must be an http or https URL, such as https://tagwarden.example.com.');
  }
  if (url.username || url.password || url.search || url.hash) {
    throw new Error('It must have no credentials, no query and no fragment.');
  }
  return url.href.replace(/\/+$/, '');
});

/** The keys at the top of the file; the sections have schemas of their own. */
const ServerSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8080),
  publicUrl: PublicUrl.optional(),
  dataDir: z.string().min(1).default('.tagwarden'),
  ...secretKeys('adminKey'),
  ...secretKeys('secretKey'),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info'), pretty: z.boolean().default(false) }).prefault({}),
  settle: duration('0s', '1h').prefault('60s'),
  database: section,
  kafka: section,
  registries: section,
  rules: section,
  alerts: section,
  enforcement: section,
  incidents: section,
  waivers: section,
});

const MIN_KEY_LENGTH = 16;

export function loadServer(loading: Loading): ServerConfiguration | null {
  const section = loading.check(ServerSchema, []);
  if (!section) return null;
  const { host, port, log, settle } = section;
  return {
    host,
    port,
    publicUrl: section.publicUrl ?? null,
    dataDir: loading.resolve(['dataDir'], section.dataDir),
    adminKey: loadKey(loading, section, 'adminKey'),
    secretKey: loadKey(loading, section, 'secretKey'),
    log,
    settleMs: settle,
  };
}

function loadKey(loading: Loading, section: Readonly<Record<string, unknown>>, key: string): Secret | null {
  const secret = loading.secret(section, [], key);
  if (secret !== null && secret.reveal().length < MIN_KEY_LENGTH) {
    loading.report(
      [key],
      `It must have at least ${MIN_KEY_LENGTH} characters, such as "openssl rand -base64 32" prints.`,
    );
  }
  return secret;
}
