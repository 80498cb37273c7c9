export * from './choose-incident.js';
export * from './incident.js';
export * from './join-incident.js';
export * from './page-for.js';
