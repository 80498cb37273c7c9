import { Record1795320000000 } from './1795320000000-record.js';

export const MIGRATIONS = [Record1795320000000];
