import { z } from 'zod';
import type { Loading } from './loading.js';
import type { Secret } from './secret.js';
import { parsedText, secretKeys } from './values.js';

export const SASL_MECHANISMS = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** The bus: Kafka whenever brokers are named, else embedded in PostgreSQL. */
export type BusConfiguration =
  | { readonly type: 'embedded'; readonly partitions: number }
  | {
      readonly type: 'kafka';
      /** `host:port` */
      readonly brokers: readonly string[];
      /** null: plain TCP. PEM texts; null: the system's authorities, no client certificate. */
      readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: Secret | null } | null;
      readonly sasl: {
        readonly mechanism: (typeof SASL_MECHANISMS)[number];
        readonly username: string;
        readonly password: Secret;
      } | null;
      readonly partitions: number;
      /** −1: the brokers' default. */
      readonly replicationFactor: number;
    };

const Broker = parsedText(z.string(), (value) => {
  const port = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(value)?.[1];
  if (port === undefined || Number(port) > 65_535 || Number(port) === 0) {
    throw new Error('It must be host:port, such as kafka:9092.');
  }
  return value;
});

const file = z.string().min(1).optional();

const KafkaSchema = z.strictObject({
  /** A list, or one text with commas. */
  brokers: z.preprocess(splitAtCommas, z.array(Broker).min(1)).optional(),
  /** `enabled` is true by default where any of the files is named. */
  ssl: z.strictObject({ enabled: z.boolean().optional(), caFile: file, certFile: file, keyFile: file }).optional(),
  sasl: z
    .strictObject({
      mechanism: z.preprocess(
        (value) => (typeof value === 'string' ? value.toLowerCase() : value),
        z.enum(SASL_MECHANISMS),
      ),
      username: z.string().min(1),
      ...secretKeys('password'),
    })
    .optional(),
  partitions: z.int().min(1).max(1000).default(8),
  replicationFactor: z.int().min(-1).max(100).default(-1),
});
type KafkaSection = z.output<typeof KafkaSchema>;

const PATH = ['kafka'];

export function loadBus(loading: Loading): BusConfiguration | null {
  const section = loading.check(KafkaSchema, PATH);
  if (!section) return null;
  const { brokers, partitions, replicationFactor } = section;
  if (!brokers) {
    const key = section.sasl ? 'sasl' : 'ssl';
    if (section[key])
      loading.report([...PATH, key], 'It has no effect without kafka.brokers (KAFKA_BROKERS). Set them.');
    return { type: 'embedded', partitions };
  }
  const sasl = loadSasl(loading, section);
  return { type: 'kafka', brokers, tls: loadTls(loading, section.ssl), sasl, partitions, replicationFactor };
}

type KafkaConfiguration = Extract<BusConfiguration, { type: 'kafka' }>;

function loadTls(loading: Loading, ssl: KafkaSection['ssl']): KafkaConfiguration['tls'] {
  if (!ssl || !(ssl.enabled ?? (ssl.caFile || ssl.certFile || ssl.keyFile))) return null;
  if ((ssl.certFile === undefined) !== (ssl.keyFile === undefined)) {
    loading.report([...PATH, 'ssl'], 'A client certificate needs both certFile and keyFile.');
  }
  const read = (key: 'caFile' | 'certFile' | 'keyFile') =>
    ssl[key] === undefined ? null : loading.file([...PATH, 'ssl', key], ssl[key]);
  const key = loading.secret({ keyFile: ssl.keyFile }, [...PATH, 'ssl'], 'key');
  return { ca: read('caFile'), cert: read('certFile'), key };
}

function loadSasl(loading: Loading, { sasl }: KafkaSection): KafkaConfiguration['sasl'] {
  if (!sasl) return null;
  const before = loading.problems.length;
  const password = loading.secret(sasl, [...PATH, 'sasl'], 'password');
  if (password) return { mechanism: sasl.mechanism, username: sasl.username, password };
  if (loading.problems.length === before) {
    loading.report([...PATH, 'sasl'], 'It needs passwordEnv, passwordFile or password (KAFKA_SASL_PASSWORD).');
  }
  return null;
}

function splitAtCommas(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.split(',').flatMap((part) => part.trim() || []);
}
