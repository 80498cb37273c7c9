export * from './adapter.js';
export * from './catalog.js';
export * from './create-registry-clients.js';
export { OciRegistryClient } from './distribution/client.js';
export { missingBlobs } from './distribution/errors.js';
