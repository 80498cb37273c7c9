import { readFileSync } from 'node:fs';
import type { CompiledRule } from '#domain';
import { type AlertConfiguration, loadAlerts } from './alerts.js';
import { canaryRules, checkCanaries } from './canaries.js';
import { ConfigurationError, type ConfigurationProblem } from './configuration-error.js';
import { ConfigurationFile, type ReadFile } from './configuration-file.js';
import { type DatabaseConfiguration, loadDatabase } from './database.js';
import { type EnforcementConfiguration, loadEnforcement } from './enforcement.js';
import type { Environment } from './environment.js';
import { type IncidentsConfiguration, loadIncidents } from './incidents.js';
import { type BusConfiguration, loadBus } from './kafka.js';
import { Loading } from './loading.js';
import { type KnownKind, loadRegistries, type RegistryConfiguration } from './registries.js';
import { loadRules } from './rules.js';
import { loadServer, type ServerConfiguration } from './server.js';
import { loadWaivers, type WaiversConfiguration } from './waivers.js';

/** Everything that is set at start. Frozen; its secrets print as `[redacted]`. */
export type Configuration = ServerConfiguration & {
  readonly database: DatabaseConfiguration;
  readonly bus: BusConfiguration;
  readonly registries: readonly RegistryConfiguration[];
  readonly rules: readonly CompiledRule[];
  readonly alerts: readonly AlertConfiguration[];
  readonly enforcement: EnforcementConfiguration;
  readonly incidents: IncidentsConfiguration;
  readonly waivers: WaiversConfiguration;
  /** To be logged: patterns that can't do what they were written for. */
  readonly warnings: readonly ConfigurationProblem[];
};

export type ConfigurationInputs = {
  readonly env: Environment;
  readonly cwd: string;
  /** The registry kinds that there is an adapter for. */
  readonly knownKinds: readonly (string | KnownKind)[];
  readonly readFile?: ReadFile;
};

/** Reads the environment and tagwarden.yaml, once. Throws `ConfigurationError` with everything that is wrong. */
export function loadConfiguration(inputs: ConfigurationInputs): Configuration {
  const { env, cwd, knownKinds, readFile = (path: string) => readFileSync(path, 'utf8') } = inputs;
  const loading = new Loading({ env, cwd, readFile, file: ConfigurationFile.find(env, cwd, readFile) });
  const server = loadServer(loading);
  const database = loadDatabase(loading);
  const bus = loadBus(loading);
  const registries = loadRegistries(loading, knownKinds);
  const rules = [...canaryRules(registries), ...loadRules(loading)];
  const alerts = loadAlerts(loading);
  const enforcement = loadEnforcement(loading);
  const incidents = loadIncidents(loading);
  const waivers = loadWaivers(loading);
  if (enforcement) checkCanaries(loading, registries, enforcement);
  const { problems, warnings } = loading;
  if (problems.length > 0 || !server || !database || !bus || !enforcement || !incidents || !waivers)
    throw new ConfigurationError(problems);
  return deepFreeze({ ...server, database, bus, registries, rules, alerts, enforcement, incidents, waivers, warnings });
}

/** What a log or a person may see of it. */
export const redactedConfiguration = (configuration: Configuration): unknown =>
  JSON.parse(JSON.stringify({ ...configuration, rules: configuration.rules.map(({ rule }) => rule) }));

function deepFreeze<T>(value: T): T {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(value ?? 0) === Object.prototype;
  if (!isPlain || Object.isFrozen(value)) return value;
  for (const child of Object.values(value as object)) deepFreeze(child);
  return Object.freeze(value);
}
