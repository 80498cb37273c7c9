export * from './adapter.js';
export * from './catalog.js';
export * from './create-registry-clients.js';
export { OciRegistryClient } from './distribution/client.js';
export { missingBlobs } from './distribution/errors.js';
export * from './rule-import/import-rules.js';
export type * from './rule-import/import-rules-types.js';
export { HttpsDocuments } from './sender/public-documents.js';
