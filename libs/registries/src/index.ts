export * from './adapter.js';
export * from './catalog.js';
export * from './create-registry-clients.js';
export { OciRegistryClient } from './distribution/client.js';
export { missingBlobs } from './distribution/errors.js';
export * from './import-rules.js';
export type * from './import-rules-types.js';
export { HttpsDocuments } from './public-documents.js';
