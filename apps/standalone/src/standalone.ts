import { type AppDescription, welcome } from '#platform';
import { ApiModule } from '../../api/src/api.module.js';
import { EnforcerModule } from '../../enforcer/src/enforcer.module.js';
import { IntakeModule } from '../../intake/src/intake.module.js';
import { NotifierModule } from '../../notifier/src/notifier.module.js';
import { RecorderModule } from '../../recorder/src/recorder.module.js';
import { SweeperModule } from '../../sweeper/src/sweeper.module.js';

/** All apps in one process, on embedded defaults. */
export const STANDALONE: AppDescription = {
  name: 'tagwarden',
  modules: [IntakeModule, RecorderModule, EnforcerModule, SweeperModule, NotifierModule.with([]), ApiModule],
  database: true,
  standalone: true,
  takesWebhooks: true,
  onListening: welcome,
};
