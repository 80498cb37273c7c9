export * from './topics.js';
export * from './violation-changed.js';
