import type { RegistryAdapter } from '../adapter.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { OciRegistryClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** CNCF distribution, versions 2.8 and 3. */
export const distribution: RegistryAdapter = {
  kind: 'distribution',
  capabilities: {
    digestOnPush: true,
    tagDeletions: true,
    pulls: true,
    redelivery: true,
    notifiesBeforeWrite: true,
    keepsOverwritten: true,
  },
  sender: SENDS_TOKEN,
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient: (options, settings) => new OciRegistryClient(options, settings),
  subscription,
};
