import { runApp, welcome } from '#platform';
import { ApiModule } from './api.module.js';

await runApp({ name: 'api', modules: [ApiModule], database: true, standalone: false, onListening: welcome });
