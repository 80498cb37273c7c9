import { isMapping } from './key-path.js';

export type Environment = Readonly<Record<string, string | undefined>>;

type Variable = {
  readonly name: string;
  /** Its key in the file. */
  readonly path: readonly string[];
  readonly type?: 'number' | 'boolean';
  /** A secret: `<name>_FILE` may name a file instead, and the file's own `…Env` and `…File` keys give way. */
  readonly secret?: true;
};

/** Every variable that is a key of tagwarden.yaml as well; the variable wins. `TAGWARDEN_CONFIG` finds the file. */
export const VARIABLES: readonly Variable[] = [
  { name: 'TAGWARDEN_HOST', path: ['host'] },
  { name: 'TAGWARDEN_PORT', path: ['port'], type: 'number' },
  { name: 'TAGWARDEN_PUBLIC_URL', path: ['publicUrl'] },
  { name: 'TAGWARDEN_DATA_DIR', path: ['dataDir'] },
  { name: 'TAGWARDEN_ADMIN_KEY', path: ['adminKey'], secret: true },
  { name: 'TAGWARDEN_SECRET_KEY', path: ['secretKey'], secret: true },
  { name: 'TAGWARDEN_SETTLE', path: ['settle'] },
  { name: 'TAGWARDEN_LOG_LEVEL', path: ['log', 'level'] },
  { name: 'TAGWARDEN_LOG_PRETTY', path: ['log', 'pretty'], type: 'boolean' },
  { name: 'DATABASE_URL', path: ['database', 'url'], secret: true },
  { name: 'DATABASE_MIGRATION_URL', path: ['database', 'migrationUrl'], secret: true },
  { name: 'DATABASE_CA_FILE', path: ['database', 'caFile'] },
  { name: 'DATABASE_POOL_SIZE', path: ['database', 'poolSize'], type: 'number' },
  { name: 'KAFKA_BROKERS', path: ['kafka', 'brokers'] },
  { name: 'KAFKA_SSL', path: ['kafka', 'ssl', 'enabled'], type: 'boolean' },
  { name: 'KAFKA_SSL_CA_FILE', path: ['kafka', 'ssl', 'caFile'] },
  { name: 'KAFKA_SSL_CERT_FILE', path: ['kafka', 'ssl', 'certFile'] },
  { name: 'KAFKA_SSL_KEY_FILE', path: ['kafka', 'ssl', 'keyFile'] },
  { name: 'KAFKA_SASL_MECHANISM', path: ['kafka', 'sasl', 'mechanism'] },
  { name: 'KAFKA_SASL_USERNAME', path: ['kafka', 'sasl', 'username'] },
  { name: 'KAFKA_SASL_PASSWORD', path: ['kafka', 'sasl', 'password'], secret: true },
  { name: 'KAFKA_PARTITIONS', path: ['kafka', 'partitions'], type: 'number' },
  { name: 'KAFKA_REPLICATION_FACTOR', path: ['kafka', 'replicationFactor'], type: 'number' },
];

/** Writes the variables that are set over the file's values; answers which key came from which variable. */
export function overlayEnvironment(values: Record<string, unknown>, env: Environment): Map<string, string> {
  const origins = new Map<string, string>();
  for (const variable of VARIABLES) {
    for (const suffix of variable.secret ? ['', '_FILE'] : ['']) {
      const name = `${variable.name}${suffix}`;
      const text = env[name];
      // Compose files pass variables on as empty when they are not set.
      if (text === undefined || text === '') continue;
      const path = suffix ? withFileKey(variable.path) : variable.path;
      if (variable.secret) removeVariants(values, variable.path, origins);
      write(values, path, convert(text, variable.type));
      origins.set(path.join('.'), name);
    }
  }
  return origins;
}

const withFileKey = (path: readonly string[]): string[] => path.with(-1, `${path.at(-1)}File`);

/** The file's ways of giving this secret; not those that another variable gave, so that two of them are found out. */
function removeVariants(values: Record<string, unknown>, path: readonly string[], origins: Map<string, string>): void {
  const parent = path.slice(0, -1).reduce<unknown>((at, key) => (isMapping(at) ? at[key] : undefined), values);
  if (!isMapping(parent)) return;
  for (const suffix of ['', 'Env', 'File']) {
    const key = `${path.at(-1)}${suffix}`;
    if (!origins.has([...path.slice(0, -1), key].join('.'))) delete parent[key];
  }
}

function write(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let parent = values;
  for (const key of path.slice(0, -1)) {
    const section = parent[key] ?? {};
    // One that is no mapping is left for the schema to refuse.
    if (!isMapping(section)) return;
    parent[key] = section;
    parent = section;
  }
  parent[path.at(-1) ?? ''] = value;
}

/** What can't be converted stays a text, and the schema refuses it. */
function convert(text: string, type: Variable['type']): unknown {
  if (type === 'number' && /^-?\d+$/.test(text)) return Number(text);
  if (type === 'boolean' && /^(?:true|1)$/i.test(text)) return true;
  if (type === 'boolean' && /^(?:false|0)$/i.test(text)) return false;
  return text;
}

/** The right key for one that was written after its variable: `databaseUrl` → `database.url`. */
export function keyMeantBy(key: string): string | undefined {
  const spoken = (name: string) =>
    name
      .replace(/^TAGWARDEN_/, '')
      .replaceAll('_', '')
      .toLowerCase();
  return VARIABLES.find(({ name }) => spoken(name) === key.replaceAll('_', '').toLowerCase())?.path.join('.');
}
