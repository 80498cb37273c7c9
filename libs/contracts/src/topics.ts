/** Every topic of the bus. Key: `registry/repository`. */
export const TOPICS = {
  /** Normalised notifications and commands; `RecorderMessage` in JSON; written by intake, sweeper, enforcer and api, read by the recorder. */
  registryEvents: 'tagwarden.registry-events',
  /** CloudEvents 1.0 (`ViolationChanged`); written by the outbox relay, read by the notifier and by anyone. */
  violations: 'tagwarden.violations',
  /** Records that a consumer could not take, with the reason in the headers; read by people. */
  deadLetter: 'tagwarden.dead-letter',
} as const;
