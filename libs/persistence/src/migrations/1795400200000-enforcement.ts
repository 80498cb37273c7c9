import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "revoked_digest" (
    "digest" text NOT NULL,
    "reason" text NOT NULL,
    "revoked_by" text NOT NULL,
    "revoked_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_revoked_digest" PRIMARY KEY ("digest")
  )`,
  `CREATE INDEX "revoked_digest_by_time" ON "revoked_digest" ("revoked_at", "digest")`,
  `CREATE TABLE "fight_breaker" (
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
  )`,
  `CREATE INDEX "fight_breaker_tripped" ON "fight_breaker" ("tripped_at", "tag_id") WHERE reset_at IS NULL`,
  `ALTER TABLE "enforcement" ADD "asked_in" integer`,
];

const DOWN: readonly string[] = [
  `ALTER TABLE "enforcement" DROP COLUMN "asked_in"`,
  `DROP TABLE "fight_breaker"`,
  `DROP TABLE "revoked_digest"`,
];

/** Digests that are never put back, and the breakers of fights. */
export class Enforcement1795400200000 implements MigrationInterface {
  readonly name = 'Enforcement1795400200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
