/** $1 channel, $2 message, $3 dedup key, $4 violation, $5 change, $6 payload, $7 now, $8 follow-up, $9 page, $10 after. */
export const ENQUEUE = `
  INSERT INTO alert_delivery (channel, message_id, dedup_key, violation_id, change, payload, next_attempt_at, created_at, page,
    after_pages)
  SELECT $1::text, $2::uuid, $3::text, $4::text, $5::text, $6::jsonb, $7::timestamptz, $7::timestamptz, $9::integer, $10::integer[]
  WHERE NOT $8::boolean OR EXISTS (SELECT FROM alert_delivery WHERE channel = $1 AND dedup_key = $3)
  ON CONFLICT (channel, message_id) DO NOTHING`;

/** Longer than a partition of the bus may lag behind another, while both are consumed. */
const WAIT_FOR_EARLIER = "interval '10 minutes'";

/**
 * $1 channel, $2 now, $3 limit, $4 lease until. Rows that another notifier is just claiming are skipped, not waited for. Materialised:
 * inlined, the limit could be applied more than once. A comparison rather than NOT EXISTS, which becomes a join over the whole
 * backlog: this one is looked up row by row, in the order of the index, until the limit is reached. An incident spans partitions of the bus,
 * so a later page may be here first: it waits for those before it, unless they do not come.
 */
export const CLAIM = `
  WITH due AS MATERIALIZED (
    SELECT id FROM alert_delivery AS candidate
    WHERE channel = $1 AND state = 'pending' AND next_attempt_at <= $2::timestamptz
      AND (lease_until IS NULL OR lease_until <= $2::timestamptz)
      AND id = (
        SELECT sibling.id FROM alert_delivery AS sibling
        WHERE sibling.channel = $1 AND sibling.dedup_key = candidate.dedup_key AND sibling.state = 'pending'
        ORDER BY sibling.page, sibling.id LIMIT 1
      )
      AND (after_pages = '{}' OR created_at <= $2::timestamptz - ${WAIT_FOR_EARLIER} OR NOT EXISTS (
        SELECT FROM unnest(after_pages) AS earlier (page) WHERE NOT EXISTS (
          SELECT FROM alert_delivery AS told
          WHERE told.channel = $1 AND told.dedup_key = candidate.dedup_key AND told.page = earlier.page
        )
      ))
    ORDER BY next_attempt_at, id
    LIMIT $3
    FOR UPDATE SKIP LOCKED
  ), claimed AS (
    UPDATE alert_delivery AS delivery SET attempts = attempts + 1, lease_until = $4::timestamptz
    FROM due WHERE delivery.id = due.id
    RETURNING delivery.id, delivery.channel, delivery.payload, delivery.attempts
  )
  SELECT id, channel, payload, attempts FROM claimed ORDER BY id`;

/** $1 id, $2 attempt, $3 state, $4 next attempt, $5 at, $6 duration, $7 status, $8 error. */
export const RECORD = `
  WITH updated AS (
    UPDATE alert_delivery
    SET state = $3::text, next_attempt_at = $4::timestamptz, lease_until = NULL, last_status = $7::integer, last_error = $8::text,
      delivered_at = CASE WHEN $3::text = 'delivered' THEN $5::timestamptz + $6::integer * interval '1 millisecond' END
    WHERE id = $1::bigint AND state = 'pending' AND (attempts = $2::integer OR $3::text = 'delivered')
  )
  INSERT INTO alert_attempt (delivery_id, attempt, at, duration_ms, status, error)
  VALUES ($1::bigint, $2::integer, $5::timestamptz, $6::integer, $7::integer, $8::text)
  ON CONFLICT (delivery_id, attempt) DO NOTHING`;

/** $1 channel, $2 id before which to read or null, $3 limit. */
export const LIST = `
  SELECT id, channel, message_id, dedup_key, violation_id, change, state, created_at, next_attempt_at, delivered_at,
    ARRAY(
      SELECT jsonb_build_object('attempt', attempt, 'at', at, 'durationMs', duration_ms, 'status', status, 'error', error)
      FROM alert_attempt WHERE delivery_id = alert_delivery.id ORDER BY attempt
    ) AS attempts
  FROM alert_delivery
  WHERE channel = $1 AND ($2::bigint IS NULL OR id < $2::bigint)
  ORDER BY id DESC
  LIMIT $3`;
