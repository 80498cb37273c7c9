-- Made by "npm run generated" from the migrations; not run by anything.

CREATE TABLE "api_key" (
    "name" text NOT NULL,
    "hash" bytea NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_73c82e6a8ac3a48701b2e77f91c" PRIMARY KEY ("name")
  );

CREATE TABLE "binding" (
    "tag_id" uuid NOT NULL,
    "bound_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "bound_by" uuid NOT NULL,
    "digest" text NOT NULL,
    "media_type" text,
    "actor" text,
    "cause" text NOT NULL,
    "unbound_at" TIMESTAMP WITH TIME ZONE,
    "unbound_by" uuid,
    CONSTRAINT "PK_19a4a078ab19996ed147ae08edf" PRIMARY KEY ("tag_id", "bound_at", "bound_by")
  );

CREATE INDEX "binding_by_digest" ON "binding" ("digest");

CREATE TABLE "enforcement" (
    "tag_id" uuid NOT NULL,
    "registry" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    "generation" integer NOT NULL DEFAULT '1',
    "by_hand" boolean NOT NULL DEFAULT false,
    CONSTRAINT "PK_0f9738106a0b06ef5d6e34e8b8b" PRIMARY KEY ("tag_id")
  );

CREATE INDEX "enforcement_due" ON "enforcement" ("registry", "next_at");

CREATE TABLE "event" (
    "id" uuid NOT NULL,
    "type" text NOT NULL,
    "registry" text,
    "repository" text,
    "tag" text,
    "digest" text,
    "media_type" text,
    "actor" text,
    "occurred_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "received_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "source" text NOT NULL,
    "source_id" text NOT NULL,
    "claims" jsonb NOT NULL,
    "detail" jsonb,
    CONSTRAINT "PK_30c2f3bbaf6d34a55f8ae6e4614" PRIMARY KEY ("id")
  );

CREATE INDEX "event_repository_wide" ON "event" ("registry", "repository", "occurred_at") WHERE type IN ('manifestDeleted', 'repositoryDeleted');

CREATE INDEX "event_by_actor" ON "event" ("actor", "occurred_at", "id") WHERE actor IS NOT NULL;

CREATE INDEX "event_by_digest" ON "event" ("digest", "occurred_at", "id") WHERE digest IS NOT NULL;

CREATE INDEX "event_by_repository" ON "event" ("registry", "repository", "occurred_at", "id");

CREATE INDEX "event_by_time" ON "event" ("occurred_at", "id");

CREATE INDEX "event_by_type" ON "event" ("type", "occurred_at", "id") WHERE type <> 'pushed';

CREATE INDEX "event_by_tag" ON "event" ("registry", "repository", "tag", "occurred_at", "id");

CREATE TABLE "ledger" (
    "chain" text NOT NULL,
    "seq" bigint NOT NULL,
    "previous" bytea NOT NULL,
    "hash" bytea NOT NULL,
    "event_ids" uuid array NOT NULL,
    "recorded_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_b609f751c97301d9226d4755823" PRIMARY KEY ("chain", "seq")
  );

CREATE TABLE "ledger_head" (
    "chain" text NOT NULL,
    "seq" bigint NOT NULL,
    "hash" bytea NOT NULL,
    CONSTRAINT "PK_33bcefcbe46f21a938d208eae70" PRIMARY KEY ("chain")
  );

CREATE TABLE "manifest" (
    "digest" text NOT NULL,
    "media_type" text NOT NULL,
    "bytes" bytea NOT NULL,
    "children" text array NOT NULL,
    "blobs" text array NOT NULL,
    "kept_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_b15cc847f80a3459418f438d875" PRIMARY KEY ("digest")
  );

CREATE TABLE "observation" (
    "tag_id" uuid NOT NULL,
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "tag" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    CONSTRAINT "PK_observation" PRIMARY KEY ("tag_id")
  );

CREATE INDEX "observation_due" ON "observation" ("registry", "next_at");

CREATE TABLE "outbox" (
    "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    "topic" text NOT NULL,
    "key" text NOT NULL,
    "value" bytea NOT NULL,
    "headers" jsonb NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_340ab539f309f03bdaa14aa7649" PRIMARY KEY ("id")
  );

CREATE TABLE "rejected" (
    "id" uuid NOT NULL,
    "registry" text NOT NULL,
    "received_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "reason" text NOT NULL,
    "content_type" text,
    "payload" bytea NOT NULL,
    "replayed_at" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT "PK_7c940345cc41244748c7308acab" PRIMARY KEY ("id")
  );

CREATE INDEX "rejected_by_time" ON "rejected" ("received_at", "id");

CREATE TABLE "restoration" (
    "violation_id" uuid NOT NULL,
    "attempt" integer NOT NULL,
    "started_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "ended_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "outcome" text NOT NULL,
    "reason" text,
    "missing_blobs" text array NOT NULL DEFAULT '{}',
    CONSTRAINT "PK_046a35fbf60096b8c9dc84300de" PRIMARY KEY ("violation_id", "attempt")
  );

CREATE TABLE "rule_revision" (
    "id" bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
    "effective_from" TIMESTAMP WITH TIME ZONE,
    "rules" jsonb NOT NULL,
    "author" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_9726cef8361505cd399dd870926" PRIMARY KEY ("id")
  );

CREATE TABLE "tag" (
    "id" uuid NOT NULL,
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "tag" text NOT NULL,
    "digest" text,
    "media_type" text,
    "actor" text,
    "cause" text,
    "bound_at" TIMESTAMP WITH TIME ZONE,
    "bound_by" uuid,
    "seal_digest" text,
    "seal_media_type" text,
    "sealed_at" TIMESTAMP WITH TIME ZONE,
    "sealed_by" uuid,
    "seal_rule_id" text,
    "seal_rule_name" text,
    "folded_at" TIMESTAMP WITH TIME ZONE,
    "folded_by" uuid,
    CONSTRAINT "PK_8e4052373c579afc1471f526760" PRIMARY KEY ("id")
  );

CREATE UNIQUE INDEX "tag_by_name" ON "tag" ("registry", "repository", "tag");

CREATE TABLE "vault_fetch" (
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "digest" text NOT NULL,
    "tag" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    "last_error" text,
    CONSTRAINT "PK_6a230a1f0f8c0f7b4ec9e4f2540" PRIMARY KEY ("registry", "repository", "digest")
  );

CREATE INDEX "vault_fetch_due" ON "vault_fetch" ("registry", "next_at");

CREATE TABLE "violation" (
    "id" uuid NOT NULL,
    "tag_id" uuid NOT NULL,
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "tag" text NOT NULL,
    "kind" text NOT NULL,
    "state" text NOT NULL,
    "mode" text NOT NULL,
    "event_id" uuid NOT NULL,
    "detected_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "received_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "actor" text,
    "sealed_digest" text NOT NULL,
    "found_digest" text,
    "rule_id" text NOT NULL,
    "rule_name" text NOT NULL,
    "awaiting_children" boolean NOT NULL,
    "ended_at" TIMESTAMP WITH TIME ZONE,
    "ended_id" uuid,
    "ended_by" text,
    "restored_at" TIMESTAMP WITH TIME ZONE,
    "failure" text,
    "acknowledged_at" TIMESTAMP WITH TIME ZONE,
    "acknowledged_by" text,
    "version" integer NOT NULL DEFAULT '1',
    CONSTRAINT "PK_b4f833198cf98062eca084418eb" PRIMARY KEY ("id")
  );

CREATE INDEX "violation_by_found" ON "violation" ("registry", "repository", "found_digest");

CREATE INDEX "violation_by_state" ON "violation" ("state", "detected_at", "id");

CREATE INDEX "violation_by_name" ON "violation" ("registry", "repository", "tag", "detected_at", "id");

CREATE INDEX "violation_by_time" ON "violation" ("detected_at", "id");

CREATE INDEX "violation_by_tag" ON "violation" ("tag_id");

CREATE INDEX "manifest_children" ON "manifest" USING gin ("children");

CREATE FUNCTION "refuse_change"() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'The audit trail is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
      USING ERRCODE = 'insufficient_privilege';
  END $$;

CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "event"
       FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TRIGGER "append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger"
       FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();

CREATE TABLE alert_delivery (
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
  );

CREATE INDEX alert_delivery_due_idx ON alert_delivery (channel, next_attempt_at, id) WHERE state = 'pending';

CREATE INDEX alert_delivery_violation_idx ON alert_delivery (channel, violation_id, id);

CREATE INDEX alert_delivery_log_idx ON alert_delivery (channel, id);

CREATE TABLE alert_attempt (
    delivery_id bigint NOT NULL,
    attempt integer NOT NULL,
    at timestamptz NOT NULL,
    duration_ms integer NOT NULL,
    status integer,
    error text,
    CONSTRAINT alert_attempt_pkey PRIMARY KEY (delivery_id, attempt),
    CONSTRAINT alert_attempt_delivery_fkey FOREIGN KEY (delivery_id) REFERENCES alert_delivery (id) ON DELETE CASCADE
  );

CREATE TABLE bus_topic (
  name text PRIMARY KEY,
  partitions integer NOT NULL CHECK (partitions > 0),
  retention_ms bigint NOT NULL
);

CREATE TABLE bus_partition (
  topic text NOT NULL REFERENCES bus_topic (name),
  partition integer NOT NULL,
  next_offset bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

CREATE TABLE bus_record (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, "offset")
);

CREATE TABLE bus_position (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  next_offset bigint NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition),
  FOREIGN KEY (topic, partition) REFERENCES bus_partition (topic, partition)
) WITH (fillfactor = 50);

CREATE FUNCTION bus_publish(topics text[], hashes integer[], keys text[], vals bytea[], heads jsonb[]) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE
  unknown text;
  woken bigint;
BEGIN
  SELECT wanted INTO unknown FROM unnest(topics) AS wanted
   WHERE NOT EXISTS (SELECT FROM bus_topic t WHERE t.name = wanted) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'topic % does not exist', unknown USING ERRCODE = 'TW002';
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
  SELECT count(pg_notify('tagwarden_bus', topic || ':' || partition)) INTO woken FROM moved;
END $body$;

CREATE FUNCTION bus_advance(the_group text, the_topic text, the_partition integer, expected bigint, next bigint) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE bus_position SET next_offset = next
   WHERE consumer_group = the_group AND topic = the_topic AND partition = the_partition AND next_offset = expected;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'group % no longer stands at offset % of %/%: another consumer has gone on from there',
      the_group, expected, the_topic, the_partition USING ERRCODE = 'TW001';
  END IF;
END $body$;

CREATE TABLE "ruling" (
    "id" integer NOT NULL,
    "version" bigint NOT NULL DEFAULT '0',
    CONSTRAINT "PK_ruling" PRIMARY KEY ("id")
  );

INSERT INTO "ruling" ("id") VALUES (1);

CREATE TABLE "waiver" (
    "id" uuid NOT NULL,
    "definition" jsonb NOT NULL,
    "reason" text NOT NULL,
    "created_by" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "starts_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "expires_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "needs_approval" boolean NOT NULL,
    "approved_by" text,
    "approved_at" TIMESTAMP WITH TIME ZONE,
    "revoked_by" text,
    "revoked_at" TIMESTAMP WITH TIME ZONE,
    "live_from" TIMESTAMP WITH TIME ZONE,
    "applied_at" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT "PK_waiver" PRIMARY KEY ("id")
  );

CREATE INDEX "waiver_by_time" ON "waiver" ("created_at", "id");

CREATE INDEX "waiver_due" ON "waiver" ("live_from") WHERE live_from IS NOT NULL AND applied_at IS NULL;

ALTER TABLE "tag" ADD "waiver_uses" jsonb;

ALTER TABLE "binding" ADD "bound_under" uuid;

ALTER TABLE "binding" ADD "unbound_under" uuid;

ALTER TABLE "tag" ADD "bound_under" uuid;

ALTER TABLE "violation" ADD "waiver_id" uuid;

CREATE INDEX "violation_standing" ON "violation" ("tag_id") WHERE ended_at IS NULL;

CREATE INDEX "violation_by_waiver" ON "violation" ("waiver_id", "detected_at", "id") WHERE waiver_id IS NOT NULL;

CREATE TABLE "incident" (
    "id" uuid NOT NULL,
    "opened_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "last_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "registry" text NOT NULL,
    "actor" text,
    "is_mixed" boolean NOT NULL,
    "registries" text array NOT NULL,
    "members" integer NOT NULL,
    "telling" jsonb NOT NULL,
    "closed_at" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT "PK_incident" PRIMARY KEY ("id")
  );

CREATE INDEX "incident_by_time" ON "incident" ("opened_at", "id");

CREATE INDEX "incident_by_last" ON "incident" ("last_at");

CREATE INDEX "incident_open" ON "incident" ("opened_at", "id") WHERE closed_at IS NULL;

ALTER TABLE "violation" ADD "incident_id" uuid;

CREATE INDEX "violation_by_incident" ON "violation" ("incident_id", "detected_at", "id") WHERE incident_id IS NOT NULL;

CREATE INDEX "violation_by_incident_digest" ON "violation" ("incident_id", "found_digest") WHERE incident_id IS NOT NULL;

CREATE INDEX "violation_open_by_incident" ON "violation" ("incident_id", "registry")
    WHERE incident_id IS NOT NULL AND state IN ('detected', 'restoring', 'failed', 'audited');

ALTER TABLE alert_delivery ADD page integer NOT NULL DEFAULT 0, ADD after_pages integer[] NOT NULL DEFAULT '{}';

DROP INDEX alert_delivery_violation_idx;

CREATE INDEX alert_delivery_key_idx ON alert_delivery (channel, dedup_key, page, id);

CREATE TABLE "revoked_digest" (
    "digest" text NOT NULL,
    "reason" text NOT NULL,
    "revoked_by" text NOT NULL,
    "revoked_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_revoked_digest" PRIMARY KEY ("digest")
  );

CREATE INDEX "revoked_digest_by_time" ON "revoked_digest" ("revoked_at", "digest");

CREATE TABLE "fight_breaker" (
    "tag_id" uuid NOT NULL,
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "tag" text NOT NULL,
    "tripped_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "restorations" integer NOT NULL,
    "window_ms" integer NOT NULL,
    "reason" text NOT NULL,
    "violation_id" uuid NOT NULL,
    "reset_at" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT "PK_fight_breaker" PRIMARY KEY ("tag_id")
  );

CREATE INDEX "fight_breaker_tripped" ON "fight_breaker" ("tripped_at", "tag_id") WHERE reset_at IS NULL;

ALTER TABLE "enforcement" ADD "asked_in" integer;

ALTER TABLE "api_key" ADD "role" text NOT NULL DEFAULT 'admin';

ALTER TABLE "api_key" ADD "created_by" text;

CREATE TABLE "sweep" (
    "registry" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    "claims" integer NOT NULL DEFAULT '0',
    "cause" text NOT NULL,
    "again_cause" text,
    "run_id" uuid,
    CONSTRAINT "PK_sweep" PRIMARY KEY ("registry")
  );

CREATE TABLE "sweep_run" (
    "id" uuid NOT NULL,
    "registry" text NOT NULL,
    "cause" text NOT NULL,
    "started_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "listed_at" TIMESTAMP WITH TIME ZONE,
    "finished_at" TIMESTAMP WITH TIME ZONE,
    "coverage" text,
    "repositories" integer NOT NULL DEFAULT '0',
    "repositories_done" integer NOT NULL DEFAULT '0',
    "tags" integer NOT NULL DEFAULT '0',
    "differences" integer NOT NULL DEFAULT '0',
    "failures" integer NOT NULL DEFAULT '0',
    "error" text,
    CONSTRAINT "PK_sweep_run" PRIMARY KEY ("id")
  );

CREATE INDEX "sweep_run_by_registry" ON "sweep_run" ("registry", "started_at");

CREATE TABLE "sweep_repository" (
    "run_id" uuid NOT NULL,
    "repository" text NOT NULL,
    "registry" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    "claims" integer NOT NULL DEFAULT '0',
    "tags" integer NOT NULL DEFAULT '0',
    "differences" integer NOT NULL DEFAULT '0',
    "error" text,
    CONSTRAINT "PK_sweep_repository" PRIMARY KEY ("run_id", "repository")
  );

CREATE INDEX "sweep_repository_due" ON "sweep_repository" ("registry", "next_at");

CREATE INDEX "tag_by_seal_rule" ON "tag" ("seal_rule_id") WHERE seal_rule_id IS NOT NULL;

ALTER TABLE "observation" ADD "hint" jsonb;

ALTER TABLE "observation" ADD "seen" text;

CREATE TABLE "guard" (
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "digest" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "attempts" integer NOT NULL DEFAULT '0',
    "proven_at" TIMESTAMP WITH TIME ZONE,
    "failure" text,
    CONSTRAINT "PK_guard" PRIMARY KEY ("registry", "repository", "digest")
  );

CREATE INDEX "guard_due" ON "guard" ("registry", "next_at");

CREATE TABLE "registry" (
    "name" text NOT NULL,
    "definition" jsonb NOT NULL,
    "secrets" bytea NOT NULL,
    "key_id" text NOT NULL,
    "created_by" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "changed_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_registry" PRIMARY KEY ("name")
  );

CREATE TABLE "registry_heard" (
    "registry" text NOT NULL,
    "last_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_registry_heard" PRIMARY KEY ("registry")
  );

CREATE TABLE "canary" (
    "registry" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "claims" integer NOT NULL DEFAULT '0',
    "last_at" TIMESTAMP WITH TIME ZONE,
    "last_outcome" text,
    "last_detect" double precision,
    "last_restore" double precision,
    "last_sentence" text,
    CONSTRAINT "PK_canary" PRIMARY KEY ("registry")
  );

CREATE TABLE "deaf_registry" (
    "registry" text NOT NULL,
    "since" TIMESTAMP WITH TIME ZONE NOT NULL,
    "sentence" text NOT NULL,
    "last_heard_at" TIMESTAMP WITH TIME ZONE,
    "marked_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_deaf_registry" PRIMARY KEY ("registry")
  );

ALTER TABLE "sweep_run" ADD "overwritten" integer NOT NULL DEFAULT '0', ADD "deleted" integer NOT NULL DEFAULT '0';

ALTER TABLE "sweep_repository" ADD "overwritten" integer NOT NULL DEFAULT '0', ADD "deleted" integer NOT NULL DEFAULT '0';

ALTER TABLE alert_delivery ALTER COLUMN violation_id DROP NOT NULL;
