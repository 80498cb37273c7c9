import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "sweep" (
    "registry" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE,
    "lease_until" TIMESTAMP WITH TIME ZONE,
    "attempts" integer NOT NULL DEFAULT '0',
    "claims" integer NOT NULL DEFAULT '0',
    "cause" text NOT NULL,
    "again_cause" text,
    "run_id" uuid,
    CONSTRAINT "PK_sweep" PRIMARY KEY ("registry")
  )`,
  `CREATE TABLE "sweep_run" (
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
  )`,
  `CREATE INDEX "sweep_run_by_registry" ON "sweep_run" ("registry", "started_at")`,
  `CREATE TABLE "sweep_repository" (
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
  )`,
  `CREATE INDEX "sweep_repository_due" ON "sweep_repository" ("registry", "next_at")`,
  `CREATE INDEX "tag_by_seal_rule" ON "tag" ("seal_rule_id") WHERE seal_rule_id IS NOT NULL`,
];

const DOWN: readonly string[] = [
  `DROP INDEX "tag_by_seal_rule"`,
  `DROP TABLE "sweep_repository"`,
  `DROP TABLE "sweep_run"`,
  `DROP TABLE "sweep"`,
];

/** The sweeps of registries: when, which run, and how far they are. */
export class Sweeps1795400400000 implements MigrationInterface {
  readonly name = 'Sweeps1795400400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
