export * from './fold-tag.js';
export * from './reconcile-violations.js';
export * from './replay-tag.js';
export * from './tag-state.js';
