/** Channels of LISTEN and NOTIFY: they wake who waits for rows; the rows themselves are the truth. */
export const CHANNELS = {
  /** A tag is due for the enforcer. */
  enforcement: 'tagwarden_enforcement',
  /** A sealed manifest is to be fetched. */
  vault: 'tagwarden_vault',
  /** A sealed digest is to be brought into its guard repository. */
  guard: 'tagwarden_guard',
  /** A registry is to be asked what a tag points at. */
  observation: 'tagwarden_observation',
  /** A message waits to be published. */
  outbox: 'tagwarden_outbox',
  /** A ledger entry was written; payload `chain seq`. */
  recorded: 'tagwarden_recorded',
  /** A violation changed; payload its id. */
  violation: 'tagwarden_violation',
  /** A rule or a waiver changed. */
  ruling: 'tagwarden_ruling',
  /** An API key was made or deleted. */
  keys: 'tagwarden_keys',
  /** A stored registry was made, changed or deleted. */
  registries: 'tagwarden_registries',
  /** A registry is to be swept, or its repositories are. */
  sweep: 'tagwarden_sweep',
} as const;
