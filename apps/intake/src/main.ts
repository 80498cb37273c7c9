import { runApp } from '#platform';
import { IntakeModule } from './intake.module.js';

await runApp({ name: 'intake', modules: [IntakeModule], database: false, standalone: false });
