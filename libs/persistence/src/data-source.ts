import { DataSource } from 'typeorm';
import { AlertAttemptEntity } from './alerts/alert-attempt.entity.js';
import { AlertDeliveryEntity } from './alerts/alert-delivery.entity.js';
import { ENTITIES } from './entities/index.js';
import { MIGRATIONS } from './migrations/index.js';
import { COLUMN_TYPES } from './time-columns.js';

export type DatabaseOptions = {
  readonly url: string;
  /** PEM text of the authority that signed the server's certificate; TLS is then required. */
  readonly ca?: string;
  /** Connections that this process may hold. */
  readonly poolSize: number;
  /** Role to act as, where the login has more rights than the service needs. */
  readonly role?: string;
};

/** A connection pool to the record. Times come as `Instant` strings; the session's time zone is UTC. */
export function createDataSource(options: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    entities: [...ENTITIES, AlertDeliveryEntity, AlertAttemptEntity],
    migrations: MIGRATIONS,
    migrationsTableName: 'migration',
    synchronize: false,
    logging: false,
    poolSize: options.poolSize,
    ...(options.ca === undefined ? {} : { ssl: { ca: options.ca, rejectUnauthorized: true } }),
    extra: {
      types: COLUMN_TYPES,
      application_name: 'tagwarden',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
      options: ['-c timezone=UTC', ...(options.role === undefined ? [] : [`-c role=${options.role}`])].join(' '),
    },
  });
}
