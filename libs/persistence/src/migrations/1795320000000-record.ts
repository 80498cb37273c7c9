import type { MigrationInterface, QueryRunner } from 'typeorm';
import { APPEND_ONLY, RECORD_TABLES } from './record-tables.js';

export class Record1795320000000 implements MigrationInterface {
  readonly name = 'Record1795320000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...RECORD_TABLES, ...APPEND_ONLY]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    const tables = RECORD_TABLES.flatMap((statement) => /^CREATE TABLE ("\w+")/.exec(statement)?.[1] ?? []);
    await runner.query(`DROP TABLE ${tables.join(', ')}`);
    await runner.query('DROP FUNCTION "refuse_change"()');
  }
}
