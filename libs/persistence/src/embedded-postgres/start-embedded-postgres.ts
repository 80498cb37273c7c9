import { mkdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Log } from '#application';
import { type Access, APP_ROLE, OWNER_ROLE, urlOf, writeAccess } from './access.js';
import {
  type Binaries,
  findBinaryPackage,
  installBinaries,
  type ResolvePackage,
  removeOtherBinaries,
} from './binaries.js';
import { configureCluster, ensureCluster, ensureDatabase } from './cluster.js';
import { lockDataFolder } from './data-folder-lock.js';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';
import { claimPort } from './local-port.js';
import { findPlace, type Place } from './place.js';
import { findRunningServer, type Server, startServer, stopServer } from './server.js';
import type { Durability } from './settings.js';

export type EmbeddedPostgresOptions = {
  readonly dataDir: string;
  readonly log: Log;
  /** Else the last one, if free, else any free one. */
  readonly port?: number;
  readonly durability?: Durability;
  readonly resolvePackage?: ResolvePackage;
};

export type EmbeddedPostgres = {
  /** Superuser and owner of the database: for migrations. */
  readonly adminUrl: string;
  /** `tagwarden_app`, which may connect and has what the migrations grant it. */
  readonly appUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Ends sessions, writes everything, waits; then frees the data folder. Close the pools first. */
  stop(): Promise<void>;
};

/**
 * A real PostgreSQL under `<dataDir>/postgres`, listening on 127.0.0.1 only. It outlives a SIGKILL of this process, and is attached to
 * again by the next start on the same data folder. Throws `EmbeddedPostgresError`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log } = options;
  const packageFolder = findBinaryPackage(options.resolvePackage);
  // 0711: PostgreSQL's user has to pass through when we are root.
  await mkdir(resolve(options.dataDir), { recursive: true, mode: 0o711 });
  const dataDir = await realpath(options.dataDir);
  const lock = await lockDataFolder(dataDir);
  try {
    const place = await findPlace(dataDir, log);
    const binaries = await installBinaries(packageFolder, place.root);
    const access = await ensureCluster(place, binaries);
    const server = (await attach(place, options)) ?? (await start(place, binaries, access, options));
    await ensureDatabase(access, server.port);

    let stopping: Promise<void> | undefined;
    const stop = async () => {
      await stopServer(place, server, log);
      await lock.release();
      log.info('The embedded PostgreSQL has stopped.');
    };
    return {
      adminUrl: urlOf(OWNER_ROLE, access.ownerPassword, server.port),
      appUrl: urlOf(APP_ROLE, access.appPassword, server.port),
      port: server.port,
      pid: server.pid,
      stop: () => {
        stopping ??= stop();
        return stopping;
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function attach(place: Place, { log, port }: EmbeddedPostgresOptions): Promise<Server | null> {
  const running = await findRunningServer(place, log);
  if (running === null) return null;
  if (port !== undefined && running.port !== port) {
    await stopServer(place, running, log);
    return null;
  }
  log.info('Attached to the embedded PostgreSQL that an earlier process left running.', running);
  return running;
}

async function start(
  place: Place,
  binaries: Binaries,
  access: Access,
  { log, port: fixedPort, durability = 'full' }: EmbeddedPostgresOptions,
): Promise<Server> {
  await configureCluster(place, durability);
  const port = await choosePort(fixedPort, access.port);
  const server = await startServer(place, binaries, port, log);
  if (port !== access.port) await writeAccess(place.root, { ...access, port });
  await removeOtherBinaries(place.root, binaries);
  log.info('The embedded PostgreSQL is running.', { ...server, version: binaries.version, folder: place.root });
  return server;
}

async function choosePort(fixed: number | undefined, remembered: number | null): Promise<number> {
  const port =
    fixed !== undefined
      ? await claimPort(fixed)
      : ((remembered === null ? null : await claimPort(remembered)) ?? (await claimPort(0)));
  if (port !== null) return port;
  throw new EmbeddedPostgresError(
    'EMBEDDED_POSTGRES_FAILED',
    fixed === undefined
      ? 'No port on 127.0.0.1 is free for the embedded PostgreSQL.'
      : `Port ${fixed} on 127.0.0.1, asked for by the embedded PostgreSQL, is taken. Free it or choose another.`,
  );
}
