import { Record1795320000000 } from './1795320000000-record.js';
import { Alerts1795320100000 } from './1795320100000-alerts.js';
import { EmbeddedBus1795320200000 } from './1795320200000-embedded-bus.js';

/** In order. */
export const MIGRATIONS = [Record1795320000000, Alerts1795320100000, EmbeddedBus1795320200000];
