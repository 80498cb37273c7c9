import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "guard" (
    "registry" text NOT NULL,
    "repository" text NOT NULL,
    "digest" text NOT NULL,
    "next_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "attempts" integer NOT NULL DEFAULT '0',
    "proven_at" TIMESTAMP WITH TIME ZONE,
    "failure" text,
    CONSTRAINT "PK_guard" PRIMARY KEY ("registry", "repository", "digest")
  )`,
  `CREATE INDEX "guard_due" ON "guard" ("registry", "next_at")`,
];

/** What guard repositories must hold, and what is proven of it. */
export class Guards1795400600000 implements MigrationInterface {
  readonly name = 'Guards1795400600000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE "guard"`);
  }
}
