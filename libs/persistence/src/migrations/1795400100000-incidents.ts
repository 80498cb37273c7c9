import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALERTS_BY_INCIDENT_DOWN, ALERTS_BY_INCIDENT_UP } from '../alerts/schema.js';

const UP: readonly string[] = [
  `CREATE TABLE "incident" (
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
  )`,
  `CREATE INDEX "incident_by_time" ON "incident" ("opened_at", "id")`,
  `CREATE INDEX "incident_by_last" ON "incident" ("last_at")`,
  `CREATE INDEX "incident_open" ON "incident" ("opened_at", "id") WHERE closed_at IS NULL`,
  `ALTER TABLE "violation" ADD "incident_id" uuid`,
  `CREATE INDEX "violation_by_incident" ON "violation" ("incident_id", "detected_at", "id") WHERE incident_id IS NOT NULL`,
  `CREATE INDEX "violation_by_incident_digest" ON "violation" ("incident_id", "found_digest") WHERE incident_id IS NOT NULL`,
  `CREATE INDEX "violation_open_by_incident" ON "violation" ("incident_id", "registry")
    WHERE incident_id IS NOT NULL AND state IN ('detected', 'restoring', 'failed', 'audited')`,
  ...ALERTS_BY_INCIDENT_UP,
];

const DOWN: readonly string[] = [
  ...ALERTS_BY_INCIDENT_DOWN,
  `DROP INDEX "violation_open_by_incident"`,
  `DROP INDEX "violation_by_incident_digest"`,
  `DROP INDEX "violation_by_incident"`,
  `ALTER TABLE "violation" DROP COLUMN "incident_id"`,
  `DROP TABLE "incident"`,
];

/** Violations that arose before belong to none: they are told of one by one, as they were begun. */
export class Incidents1795400100000 implements MigrationInterface {
  readonly name = 'Incidents1795400100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
