import { runApp } from '#platform';
import { RecorderModule } from './recorder.module.js';

await runApp({ name: 'recorder', modules: [RecorderModule], database: true, standalone: false });
