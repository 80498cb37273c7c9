import { Record1795320000000 } from './1795320000000-record.js';
import { Alerts1795320100000 } from './1795320100000-alerts.js';
import { EmbeddedBus1795320200000 } from './1795320200000-embedded-bus.js';
import { Rulings1795400000000 } from './1795400000000-rulings.js';
import { Incidents1795400100000 } from './1795400100000-incidents.js';
import { Enforcement1795400200000 } from './1795400200000-enforcement.js';
import { KeyRoles1795400300000 } from './1795400300000-key-roles.js';
import { Sweeps1795400400000 } from './1795400400000-sweeps.js';
import { Hints1795400500000 } from './1795400500000-hints.js';
import { Guards1795400600000 } from './1795400600000-guards.js';
import { Registries1795400700000 } from './1795400700000-registries.js';
import { Canaries1795400800000 } from './1795400800000-canaries.js';

/** In order. */
export const MIGRATIONS = [
  Record1795320000000,
  Alerts1795320100000,
  EmbeddedBus1795320200000,
  Rulings1795400000000,
  Incidents1795400100000,
  Enforcement1795400200000,
  KeyRoles1795400300000,
  Sweeps1795400400000,
  Hints1795400500000,
  Guards1795400600000,
  Registries1795400700000,
  Canaries1795400800000,
];
