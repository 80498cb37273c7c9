export * from './http/index.js';
export * from './recorder-message.js';
export * from './rule-definition.js';
export * from './service-alert.js';
export * from './topics.js';
export * from './violation-changed.js';
