import type { RegistryAdapter } from '../adapter.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { GitlabClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** GitLab's container registry. */
export const gitlab: RegistryAdapter = {
  kind: 'gitlab',
  capabilities: {
    digestOnPush: true,
    tagDeletions: true,
    pulls: true,
    redelivery: true,
    notifiesBeforeWrite: true,
    keepsOverwritten: true,
  },
  sender: SENDS_TOKEN,
  // The API is at another host than the registry; without the two, nothing can be listed.
  options: [{ name: 'apiUrl' }, { name: 'groups' }],
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient: (options, settings) => new GitlabClient(options, settings),
  subscription,
};
