export * from './decide-enforcement.js';
