import { Client } from 'pg';
import { removeRun, runFolder } from './test-run.mjs';

export default async function globalTeardown() {
  await removeRun(runFolder(process.pid));
  if (process.env.TEST_DATABASE_URL) await dropDatabasesOfRun(process.env.TEST_DATABASE_URL);
}

/** A server that is not ours keeps what specs and templates left there, unless it is dropped. */
async function dropDatabasesOfRun(connectionString) {
  const client = new Client({ connectionString });
  await client.connect();
  const mine = await client.query(
    "SELECT datname, datistemplate FROM pg_database WHERE datname LIKE 'tagwarden\\_test\\_' || $1 || '\\_%'",
    [process.pid],
  );
  for (const { datname, datistemplate } of mine.rows) {
    const name = client.escapeIdentifier(datname);
    if (datistemplate) await client.query(`ALTER DATABASE ${name} IS_TEMPLATE false`);
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  }
  await client.end();
}
