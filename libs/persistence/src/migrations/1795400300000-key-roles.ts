import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys for more than one person. Those that were there could do everything, and still can. */
export class KeyRoles1795400300000 implements MigrationInterface {
  readonly name = 'KeyRoles1795400300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "api_key" ADD "role" text NOT NULL DEFAULT 'admin'`);
    await runner.query(`ALTER TABLE "api_key" ADD "created_by" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    // Without roles every key could do everything: those that could not must go.
    await runner.query(`DELETE FROM "api_key" WHERE "role" <> 'admin'`);
    await runner.query(`ALTER TABLE "api_key" DROP COLUMN "created_by"`);
    await runner.query(`ALTER TABLE "api_key" DROP COLUMN "role"`);
  }
}
