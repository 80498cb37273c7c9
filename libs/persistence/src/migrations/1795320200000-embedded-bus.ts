import type { MigrationInterface, QueryRunner } from 'typeorm';
import { EMBEDDED_BUS_SCHEMA, EMBEDDED_BUS_SCHEMA_DOWN } from '#messaging';

/** The embedded bus keeps its log in the record's database, so that a consumer's position commits with what it wrote. */
export class EmbeddedBus1795320200000 implements MigrationInterface {
  readonly name = 'EmbeddedBus1795320200000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of EMBEDDED_BUS_SCHEMA) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of EMBEDDED_BUS_SCHEMA_DOWN) await runner.query(statement);
  }
}
