import type { DataSource, QueryRunner } from 'typeorm';
import { createDataSource, type DatabaseOptions } from './data-source.js';

/** The role that the service acts as: it may read and add everything, and change all but the audit trail. */
export const APP_ROLE = 'tagwarden_app';

/** Held while the schema is changed, so that apps which start together do it one after the other. */
const MIGRATION_LOCK = 7_249_101;
const APPEND_ONLY_TABLES = ['event', 'ledger'];

/**
 * Brings the schema up to date and grants the service's role its rights. Answers the role that connections should act as, or null
 * where the server does not let this login create one: then the triggers alone keep the audit trail append-only.
 */
export async function migrate(
  options: Omit<DatabaseOptions, 'poolSize' | 'role'>,
): Promise<{ applied: string[]; role: string | null }> {
  const dataSource = await createDataSource({ ...options, poolSize: 2 }).initialize();
  try {
    return await underLock(dataSource, async (runner) => {
      const applied = await dataSource.runMigrations({ transaction: 'each' });
      const role = await ensureRole(runner);
      return { applied: applied.map(({ name }) => name), role };
    });
  } finally {
    await dataSource.destroy();
  }
}

async function underLock<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return await work(runner);
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    await runner.release();
  }
}

async function ensureRole(runner: QueryRunner): Promise<string | null> {
  if (!(await createRole(runner))) return null;
  await runner.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`);
  await runner.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${APP_ROLE}`);
  await runner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${APP_ROLE}`);
  await runner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ${APP_ROLE}`);
  for (const table of APPEND_ONLY_TABLES)
    await runner.query(`REVOKE UPDATE, DELETE, TRUNCATE ON "${table}" FROM ${APP_ROLE}`);
  return APP_ROLE;
}

/** Roles belong to the whole server: another database's migration may be making the same one just now. */
async function createRole(runner: QueryRunner): Promise<boolean> {
  try {
    await runner.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APP_ROLE}') THEN CREATE ROLE ${APP_ROLE} NOLOGIN; END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`);
    await runner.query(`DO $$ BEGIN
      IF NOT pg_has_role(current_user, '${APP_ROLE}', 'MEMBER') THEN EXECUTE 'GRANT ${APP_ROLE} TO ' || quote_ident(current_user); END IF;
      EXCEPTION WHEN unique_violation THEN NULL;
    END $$`);
    return true;
  } catch (error) {
    const INSUFFICIENT_PRIVILEGE = '42501';
    if ((error as { code?: string }).code === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
  }
}
