import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALERTS_OF_REGISTRIES_DOWN, ALERTS_OF_REGISTRIES_UP } from '../alerts/schema.js';

const FOUND = ['"overwritten"', '"deleted"'];
const SWEEPS = ['"sweep_run"', '"sweep_repository"'];

const UP: readonly string[] = [
  `CREATE TABLE "canary" (
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
  )`,
  `CREATE TABLE "deaf_registry" (
    "registry" text NOT NULL,
    "since" TIMESTAMP WITH TIME ZONE NOT NULL,
    "sentence" text NOT NULL,
    "last_heard_at" TIMESTAMP WITH TIME ZONE,
    "marked_at" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_deaf_registry" PRIMARY KEY ("registry")
  )`,
  ...SWEEPS.map(
    (table) => `ALTER TABLE ${table} ${FOUND.map((name) => `ADD ${name} integer NOT NULL DEFAULT '0'`).join(', ')}`,
  ),
  ...ALERTS_OF_REGISTRIES_UP,
];

const DOWN: readonly string[] = [
  ...ALERTS_OF_REGISTRIES_DOWN,
  ...SWEEPS.map((table) => `ALTER TABLE ${table} ${FOUND.map((name) => `DROP COLUMN ${name}`).join(', ')}`),
  `DROP TABLE "deaf_registry"`,
  `DROP TABLE "canary"`,
];

/** Canaries, deaf registries, what sweeps find by kind, and alerts that are about a registry. */
export class Canaries1795400800000 implements MigrationInterface {
  readonly name = 'Canaries1795400800000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}
