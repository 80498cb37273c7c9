import type { DataSource, QueryRunner } from 'typeorm';
import { createDataSource, type DatabaseOptions } from './data-source.js';

/** The role that the service acts as: it may read and add everything, and change all but the audit trail. */
export const APP_ROLE = 'tagwarden_app';

/** Held while the schema is changed, so that apps which start together do it one after the other. */
const MIGRATION_LOCK = 7_249_101;
const APPEND_ONLY_TABLES = ['event', 'ledger'];

export type MigrationOptions = Omit<DatabaseOptions, 'poolSize' | 'role'> & {
  /** The login that the service connects with, where it is another than the one that migrates. */
  readonly login?: string | null;
};

/**
 * Brings the schema up to date and grants the service's role its rights. Answers the role that connections should act as, or null
 * where the server does not let this login create one: then the triggers alone keep the audit trail append-only.
 */
export async function migrate(options: MigrationOptions): Promise<{ applied: string[]; role: string | null }> {
  const dataSource = await createDataSource({ ...options, poolSize: 2 }).initialize();
  try {
    return await underLock(dataSource, async (runner) => {
      const applied = await dataSource.runMigrations({ transaction: 'each' });
      const role = await ensureRole(runner, options.login ?? null);
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

async function ensureRole(runner: QueryRunner, login: string | null): Promise<string | null> {
  if (!(await createRole(runner, login))) return null;
  await runner.query(`GRANT USAGE ON SCHEMA public TO ${APP_ROLE}`);
  // Table by table, so that nobody may change the audit trail even between two statements.
  await runner.query(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('GRANT SELECT, INSERT ON %I TO ${APP_ROLE}', name);
      IF name <> ALL (ARRAY[${APPEND_ONLY_TABLES.map((table) => `'${table}'`).join(', ')}]) THEN
        EXECUTE format('GRANT UPDATE, DELETE ON %I TO ${APP_ROLE}', name);
      END IF;
    END LOOP;
  END $$`);
  await runner.query(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO ${APP_ROLE}`);
  await runner.query(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO ${APP_ROLE}`);
  return APP_ROLE;
}

/** Roles belong to the whole server: another database's migration may be making the same one just now. */
async function createRole(runner: QueryRunner, login: string | null): Promise<boolean> {
  try {
    await runner.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${APP_ROLE}') THEN CREATE ROLE ${APP_ROLE} NOLOGIN; END IF;
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$`);
    for (const member of [null, login]) await makeMember(runner, member);
    return true;
  } catch (error) {
    const INSUFFICIENT_PRIVILEGE = '42501';
    if ((error as { code?: string }).code === INSUFFICIENT_PRIVILEGE) return false;
    throw error;
  }
}

/** Whoever is a member already need not be made one: a login may be that without being allowed to make others so. null: this login. */
async function makeMember(runner: QueryRunner, login: string | null): Promise<void> {
  const [row] = (await runner.query(
    'SELECT quote_ident(name) AS name, pg_has_role(name, $2, $3) AS is_member FROM (SELECT coalesce($1, current_user)::name AS name) l',
    [login, APP_ROLE, 'MEMBER'],
  )) as { name: string; is_member: boolean }[];
  if (row && !row.is_member) await runner.query(`GRANT ${APP_ROLE} TO ${row.name}`);
}
