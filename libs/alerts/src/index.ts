export * from './catalog.js';
export * from './channel-config.errors.js';
export * from './channel-config.js';
