export * from './decide-enforcement.js';
export * from './hindrance.js';
export * from './revocation.js';
