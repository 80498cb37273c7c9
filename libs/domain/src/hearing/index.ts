export * from './is-deaf.js';
