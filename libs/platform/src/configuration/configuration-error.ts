import { DomainError } from '#domain';

export type ConfigurationProblem = {
  /** The key: `registries[0].url`; empty for the file as a whole. */
  readonly path: string;
  /** Where it was set: `tagwarden.yaml:4`, `KAFKA_BROKERS`; null where it was not set at all. */
  readonly origin: string | null;
  readonly message: string;
};

/** Everything that is wrong with the configuration, at once. Holds no value of a secret. */
export class ConfigurationError extends DomainError {
  readonly problems: readonly ConfigurationProblem[];

  constructor(problems: readonly ConfigurationProblem[]) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super('CONFIGURATION_INVALID', [`The configuration has ${count}:`, ...problems.map(formatProblem)].join('\n'));
    this.problems = problems;
  }
}

export const formatProblem = ({ origin, path, message }: ConfigurationProblem): string =>
  `- ${[origin, path, message].filter(Boolean).join(': ')}`;
