export * from './configuration/index.js';
