export { ensureAdminKey, PgApiKeys } from './pg-api-keys.js';
export { PgEventQueries } from './pg-event-queries.js';
export { PgExposureQueries } from './pg-exposure-queries.js';
export { PgKeyRing } from './pg-key-ring.js';
export { PgRecordFeed } from './pg-record-feed.js';
export { PgRejectedQueries } from './pg-rejected-queries.js';
export { PgTagQueries } from './pg-tag-queries.js';
export { PgViolationHandling } from './pg-violation-handling.js';
export { PgViolationQueries } from './pg-violation-queries.js';
