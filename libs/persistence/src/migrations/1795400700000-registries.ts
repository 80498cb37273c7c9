import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP: readonly string[] = [
  `CREATE TABLE "registry" (
    "name" text NOT NULL,
    "definition" jsonb NOT NULL,
    "secrets" bytea NOT NULL,
    "key_id" text NOT NULL,
    "created_by" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    "changed_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_registry" PRIMARY KEY ("name")
  )`,
  `CREATE TABLE "registry_heard" (
    "registry" text NOT NULL,
    "last_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_registry_heard" PRIMARY KEY ("registry")
  )`,
];

/** Registries that people manage, and when each registry was last heard of. */
export class Registries1795400700000 implements MigrationInterface {
  readonly name = 'Registries1795400700000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['registry_heard', 'registry']) await runner.query(`DROP TABLE "${table}"`);
  }
}
