/** The channel that wakes consumers: its payload is `topic:partition`, or empty when partitions may have to change hands. */
export const BUS_CHANNEL = 'tagwarden_bus';

/** SQLSTATE that `bus_advance` raises when the position is not where its caller believes. */
export const POSITION_MOVED = 'TW001';
/** SQLSTATE that `bus_publish` raises for a topic that does not exist. */
export const TOPIC_UNKNOWN = 'TW002';

/** The tables of the embedded bus, for the grants of the application's role (SELECT, INSERT, UPDATE; DELETE on bus_record). */
export const EMBEDDED_BUS_TABLES = ['bus_topic', 'bus_partition', 'bus_record', 'bus_position'] as const;

/** Statements that make the embedded bus's schema, for a migration to run in order. */
export const EMBEDDED_BUS_SCHEMA: readonly string[] = [
  `CREATE TABLE bus_topic (
  name text PRIMARY KEY,
  partitions integer NOT NULL CHECK (partitions > 0),
  retention_ms bigint NOT NULL
)`,
  // The counter is what makes offsets gapless: its row stays locked until the publishing transaction ends, so that a reader never
  // sees an offset before a smaller one. Half-filled pages keep its updates within the page.
  `CREATE TABLE bus_partition (
  topic text NOT NULL REFERENCES bus_topic (name),
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50)`,
  `CREATE TABLE bus_record (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset")
)`,
  `CREATE TABLE bus_position (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition),
  FOREIGN KEY (topic, partition) REFERENCES bus_partition (topic, partition)
) WITH (fillfactor = 50)`,
  // Counters are locked in one order by everybody, before any is changed: publishers cannot deadlock.
  `CREATE FUNCTION bus_publish(topics text[], hashes integer[], keys text[], vals bytea[], heads jsonb[]) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE
  unknown text;
  woken bigint;
BEGIN
  SELECT wanted INTO unknown FROM unnest(topics) AS wanted
   WHERE NOT EXISTS (SELECT FROM bus_topic t WHERE t.name = wanted) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'topic % does not exist', unknown USING ERRCODE = '${TOPIC_UNKNOWN}';
  END IF;
  PERFORM FROM bus_partition p
    WHERE (p.topic, p.partition) IN (
      SELECT m.topic, m.hash % t.partitions
        FROM unnest(topics, hashes) AS m (topic, hash) JOIN bus_topic t ON t.name = m.topic)
    ORDER BY p.topic, p.partition FOR NO KEY UPDATE;
  WITH incoming AS (
    SELECT m.*, m.hash % t.partitions AS partition,
           row_number() OVER (PARTITION BY m.topic, m.hash % t.partitions ORDER BY m.place) - 1 AS rank
      FROM unnest(topics, hashes, keys, vals, heads) WITH ORDINALITY AS m (topic, hash, key, value, headers, place)
      JOIN bus_topic t ON t.name = m.topic
  ), counted AS (
    SELECT topic, partition, count(*) AS count FROM incoming GROUP BY topic, partition
  ), moved AS (
    UPDATE bus_partition p SET next_offset = p.next_offset + c.count FROM counted c
     WHERE p.topic = c.topic AND p.partition = c.partition
    RETURNING p.topic, p.partition, p.next_offset - c.count AS base
  ), stored AS (
    INSERT INTO bus_record (topic, partition, "offset", key, value, headers)
    SELECT i.topic, i.partition, m.base + i.rank, i.key, i.value, i.headers
      FROM incoming i JOIN moved m ON m.topic = i.topic AND m.partition = i.partition
  )
  SELECT count(pg_notify('${BUS_CHANNEL}', topic || ':' || partition)) INTO woken FROM moved;
END $body$`,
  // Raises instead of answering a row count, which every database library wraps in its own way.
  `CREATE FUNCTION bus_advance(the_group text, the_topic text, the_partition integer, expected bigint, next bigint) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE bus_position SET next_offset = next
   WHERE consumer_group = the_group AND topic = the_topic AND partition = the_partition AND next_offset = expected;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'group % no longer stands at offset % of %/%: another consumer has gone on from there',
      the_group, expected, the_topic, the_partition USING ERRCODE = '${POSITION_MOVED}';
  END IF;
END $body$`,
];

/** Takes it all away again. */
export const EMBEDDED_BUS_SCHEMA_DOWN: readonly string[] = [
  'DROP FUNCTION bus_advance(text, text, integer, bigint, bigint)',
  'DROP FUNCTION bus_publish(text[], integer[], text[], bytea[], jsonb[])',
  'DROP TABLE bus_position',
  'DROP TABLE bus_record',
  'DROP TABLE bus_partition',
  'DROP TABLE bus_topic',
];
