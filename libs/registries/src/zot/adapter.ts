import type { RegistryAdapter } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** zot speaks the distribution-spec as it stands; only its notifications are its own. */
export const zot: RegistryAdapter = {
  kind: 'zot',
  capabilities: {
    digestOnPush: true,
    tagDeletions: true,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: false,
  },
  sender: SENDS_TOKEN,
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient: (options, settings) => new OciRegistryClient(options, settings),
  subscription,
};
