export * from './recorder-message.js';
export * from './topics.js';
export * from './violation-changed.js';
export * from './http/index.js';
