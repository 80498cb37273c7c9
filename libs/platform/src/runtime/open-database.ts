import type { DataSource } from 'typeorm';
import type { Log } from '#application';
import { createDataSource, migrate, PgListener, PgRules, startEmbeddedPostgres } from '#persistence';
import type { Configuration } from '../configuration/index.js';

/** An open database, migrated. */
export type OpenDatabase = {
  /** For whoever needs connections of its own: the embedded bus. */
  readonly connection: { readonly connectionString: string; readonly ca?: string; readonly role?: string };
  readonly dataSource: DataSource;
  readonly listener: PgListener;
  readonly rules: PgRules;
  readonly isEmbedded: boolean;
  close(): Promise<void>;
};

const REFRESH_RULES_EVERY_MS = 5_000;

/** Starts the embedded PostgreSQL where none is configured, brings the schema up to date, and connects. */
export async function openDatabase(configuration: Configuration, log: Log): Promise<OpenDatabase> {
  const server = await findServer(configuration, log);
  try {
    const login = server.migrationUrl === server.url ? null : decodeURIComponent(new URL(server.url).username);
    const tls = server.ca === undefined ? {} : { ca: server.ca };
    const { applied, role } = await migrate({ url: server.migrationUrl, login, ...tls });
    if (applied.length > 0) log.info('The database schema was brought up to date.', { migrations: applied });
    if (role === null)
      log.warn(
        'This database login may not create roles: only triggers keep the audit trail append-only. See docs/reference/configuration.md.',
      );
    const actAs = role === null || server.isEmbedded ? {} : { role };
    const dataSource = await createDataSource({
      url: server.url,
      poolSize: configuration.database.poolSize,
      ...tls,
      ...actAs,
    }).initialize();
    const listener = new PgListener({ url: server.url, ...tls }, log);
    await listener.start();
    const rules = new PgRules(dataSource, log);
    await rules.upToDate();
    const timer = setInterval(() => void rules.upToDate().catch(() => undefined), REFRESH_RULES_EVERY_MS).unref();
    const close = async () => {
      clearInterval(timer);
      await listener.stop();
      await dataSource.destroy();
      await server.stop();
    };
    const connection = { connectionString: server.url, ...tls, ...actAs };
    return { connection, dataSource, listener, rules, isEmbedded: server.isEmbedded, close };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

type Server = { url: string; migrationUrl: string; ca: string | undefined; isEmbedded: boolean; stop(): Promise<void> };

async function findServer({ database, dataDir }: Configuration, log: Log): Promise<Server> {
  if (database.type === 'postgresql') {
    const url = database.url.reveal();
    const migrationUrl = database.migrationUrl?.reveal() ?? url;
    return { url, migrationUrl, ca: database.ca ?? undefined, isEmbedded: false, stop: async () => undefined };
  }
  const embedded = await startEmbeddedPostgres({ dataDir, log });
  return {
    url: embedded.appUrl,
    migrationUrl: embedded.adminUrl,
    ca: undefined,
    isEmbedded: true,
    stop: () => embedded.stop(),
  };
}
