/** What `AlertDeliveryEntity` and `AlertAttemptEntity` describe, for the migration that creates them. */
export const ALERTS_UP: readonly string[] = [
  `CREATE TABLE alert_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    channel text NOT NULL,
    message_id uuid NOT NULL,
    dedup_key text NOT NULL,
    violation_id text NOT NULL,
    change text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz,
    lease_until timestamptz,
    last_status integer,
    last_error text,
    created_at timestamptz NOT NULL,
    delivered_at timestamptz,
    CONSTRAINT alert_delivery_pkey PRIMARY KEY (id),
    CONSTRAINT alert_delivery_message_key UNIQUE (channel, message_id),
    CONSTRAINT alert_delivery_state_check CHECK (state IN ('pending', 'delivered', 'failed'))
  )`,
  `CREATE INDEX alert_delivery_due_idx ON alert_delivery (channel, next_attempt_at, id) WHERE state = 'pending'`,
  `CREATE INDEX alert_delivery_violation_idx ON alert_delivery (channel, violation_id, id)`,
  `CREATE INDEX alert_delivery_log_idx ON alert_delivery (channel, id)`,
  `CREATE TABLE alert_attempt (
    delivery_id bigint NOT NULL,
    attempt integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    CONSTRAINT alert_attempt_pkey PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT alert_attempt_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES alert_delivery (id) ON DELETE CASCADE
  )`,
];

export const ALERTS_DOWN: readonly string[] = ['DROP TABLE alert_attempt', 'DROP TABLE alert_delivery'];

/** Later: alerts are kept in order by what they belong to, not by violation. */
export const ALERTS_BY_INCIDENT_UP: readonly string[] = [
  `ALTER TABLE alert_delivery ADD page integer NOT NULL DEFAULT 0, ADD after_pages integer[] NOT NULL DEFAULT '{}'`,
  `DROP INDEX alert_delivery_violation_idx`,
  `CREATE INDEX alert_delivery_key_idx ON alert_delivery (channel, dedup_key, page, id)`,
];

export const ALERTS_BY_INCIDENT_DOWN: readonly string[] = [
  `DROP INDEX alert_delivery_key_idx`,
  `CREATE INDEX alert_delivery_violation_idx ON alert_delivery (channel, violation_id, id)`,
  `ALTER TABLE alert_delivery DROP COLUMN page, DROP COLUMN after_pages`,
];

/** Later: an alert may be about a registry. */
export const ALERTS_OF_REGISTRIES_UP: readonly string[] = [
  `ALTER TABLE alert_delivery ALTER COLUMN violation_id DROP NOT NULL`,
];

export const ALERTS_OF_REGISTRIES_DOWN: readonly string[] = [
  `DELETE FROM alert_delivery WHERE violation_id IS NULL`,
  `ALTER TABLE alert_delivery ALTER COLUMN violation_id SET NOT NULL`,
];
