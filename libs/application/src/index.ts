export * from './ports/log.js';
export * from './ports/message-bus.js';
export * from './ports/registry-client.js';
