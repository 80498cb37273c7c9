export type { AlertConfiguration } from './alerts.js';
export { ConfigurationError, type ConfigurationProblem, formatProblem } from './configuration-error.js';
export type { ReadFile } from './configuration-file.js';
export type { DatabaseConfiguration } from './database.js';
export type { EnforcementConfiguration } from './enforcement.js';
export { type Environment, VARIABLES } from './environment.js';
export type { IncidentsConfiguration } from './incidents.js';
export type { BusConfiguration } from './kafka.js';
export {
  type Configuration,
  type ConfigurationInputs,
  loadConfiguration,
  redactedConfiguration,
} from './load-configuration.js';
export { loadOneRegistry, loadStoredRegistry, RegistryInvalidError } from './one-registry.js';
export { isMetadataAddress, isPrivateHost } from './private-address.js';
export * from './read-configuration.js';
export type { KnownKind, RegistryConfiguration } from './registries.js';
export { joinSecrets, loginPathsOf, secretPathsOf, splitSecrets } from './registry-secrets.js';
export { Secret } from './secret.js';
export type { ServerConfiguration } from './server.js';
export { findDurationMs } from './values.js';
