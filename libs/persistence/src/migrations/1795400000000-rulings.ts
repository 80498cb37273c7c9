import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "ruling" (
    "id" integer NOT NULL,
    "version" bigint NOT NULL DEFAULT '0',
    CONSTRAINT "PK_ruling" PRIMARY KEY ("id")
  )`,
  `INSERT INTO "ruling" ("id") VALUES (1)`,
  `CREATE TABLE "waiver" (
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
  )`,
  `CREATE INDEX "waiver_by_time" ON "waiver" ("created_at", "id")`,
  `CREATE INDEX "waiver_due" ON "waiver" ("live_from") WHERE live_from IS NOT NULL AND applied_at IS NULL`,
  `ALTER TABLE "tag" ADD "waiver_uses" jsonb`,
  `ALTER TABLE "binding" ADD "bound_under" uuid`,
  `ALTER TABLE "binding" ADD "unbound_under" uuid`,
  `ALTER TABLE "tag" ADD "bound_under" uuid`,
  `ALTER TABLE "violation" ADD "waiver_id" uuid`,
  `CREATE INDEX "violation_standing" ON "violation" ("tag_id") WHERE ended_at IS NULL`,
  `CREATE INDEX "violation_by_waiver" ON "violation" ("waiver_id", "detected_at", "id") WHERE waiver_id IS NOT NULL`,
];

const DOWN: readonly string[] = [
  `DROP INDEX "violation_by_waiver"`,
  `DROP INDEX "violation_standing"`,
  `ALTER TABLE "violation" DROP COLUMN "waiver_id"`,
  `ALTER TABLE "tag" DROP COLUMN "bound_under"`,
  `ALTER TABLE "binding" DROP COLUMN "unbound_under"`,
  `ALTER TABLE "binding" DROP COLUMN "bound_under"`,
  `ALTER TABLE "tag" DROP COLUMN "waiver_uses"`,
  `DROP TABLE "waiver"`,
  `DROP TABLE "ruling"`,
];

/** Rules and waivers that people manage, and their uses. */
export class Rulings1795400000000 implements MigrationInterface {
  readonly name = 'Rulings1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
