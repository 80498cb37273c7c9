import { runApp } from '#platform';
import { NotifierModule } from './notifier.module.js';

await runApp({ name: 'notifier', modules: [NotifierModule.with([])], database: true, standalone: false });
