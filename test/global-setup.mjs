import { chmod, mkdir } from 'node:fs/promises';
import { removeDeadRuns, removeRun, runFolder } from './test-run.mjs';

/** Starts nothing: the first integration spec that asks for a database does, so that unit runs pay only for a folder. */
export default async function globalSetup() {
  await removeDeadRuns();
  const folder = runFolder(process.pid);
  await removeRun(folder);
  await mkdir(folder);
  // PostgreSQL runs as another user when we are root, and has to pass through.
  await chmod(folder, 0o711);
  process.env.TAGWARDEN_TEST_RUN_DIR = folder;
}
