export * from './data-source.js';
export * from './database-unavailable.js';
export * from './embedded-postgres/index.js';
export * from './migrate.js';
export { CHANNELS } from './record/channels.js';
export { PgRecordStore, queryOf } from './record/pg-record-store.js';
export * from './record/service-events.js';
