import { runApp } from '#platform';
import { EnforcerModule } from './enforcer.module.js';

await runApp({ name: 'enforcer', modules: [EnforcerModule], database: true, standalone: false });
