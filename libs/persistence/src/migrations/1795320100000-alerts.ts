import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ALERTS_DOWN, ALERTS_UP } from '../alerts/schema.js';

export class Alerts1795320100000 implements MigrationInterface {
  readonly name = 'Alerts1795320100000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of ALERTS_UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of ALERTS_DOWN) await runner.query(statement);
  }
}
