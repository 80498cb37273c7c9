import { runApp } from '#platform';
import { SweeperModule } from './sweeper.module.js';

await runApp({ name: 'sweeper', modules: [SweeperModule], database: true, standalone: false });
