export * from './assert-unreachable.js';
export * from './domain-error.js';
export * from './instant.js';
export * from './names.js';
export * from './registry-event.js';
export * from './violation.js';
