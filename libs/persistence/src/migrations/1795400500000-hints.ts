import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What told that a tag is to be looked at, where that was a registry that does not say to what it was changed. */
export class Hints1795400500000 implements MigrationInterface {
  readonly name = 'Hints1795400500000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "observation" ADD "hint" jsonb`);
    await runner.query(`ALTER TABLE "observation" ADD "seen" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "observation" DROP COLUMN "seen"`);
    await runner.query(`ALTER TABLE "observation" DROP COLUMN "hint"`);
  }
}
