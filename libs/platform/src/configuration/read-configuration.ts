import { ConfigurationError } from './configuration-error.js';
import { type Configuration, loadConfiguration } from './load-configuration.js';
import type { KnownKind } from './registries.js';

const BAD_CONFIGURATION = 2;

/** This process's configuration. A bad one ends the process, and says on standard error all that is wrong with it. */
export function readConfiguration(knownKinds: readonly (string | KnownKind)[]): Configuration {
  try {
    return loadConfiguration({ env: process.env, cwd: process.cwd(), knownKinds });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(BAD_CONFIGURATION);
  }
}
