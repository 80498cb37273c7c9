import type { RegistryAdapter } from '../adapter.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { HarborClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Harbor 2: notifications of its projects in either format. */
export const harbor: RegistryAdapter = {
  kind: 'harbor',
  capabilities: {
    digestOnPush: true,
    tagDeletions: false,
    pulls: true,
    redelivery: true,
    notifiesBeforeWrite: false,
    keepsOverwritten: true,
  },
  sender: SENDS_TOKEN,
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient: (options, settings) => new HarborClient(options, settings),
  subscription,
};
