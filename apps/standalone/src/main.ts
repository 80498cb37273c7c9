import { runApp } from '#platform';
import { STANDALONE } from './standalone.js';

await runApp(STANDALONE);
