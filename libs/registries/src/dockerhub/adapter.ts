import type { RegistryAdapter } from '../adapter.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { DockerHubClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Docker Hub. Its senders can prove themselves by the address alone, which holds the token. */
export const dockerhub: RegistryAdapter = {
  kind: 'dockerhub',
  capabilities: {
    digestOnPush: false,
    tagDeletions: false,
    pulls: false,
    redelivery: false,
    // Not documented: asking again after a while costs nothing.
    notifiesBeforeWrite: true,
    keepsOverwritten: false,
  },
  sender: SENDS_TOKEN,
  options: [{ name: 'namespaces' }, { name: 'apiUrl' }],
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient: (options, settings) => new DockerHubClient(options, settings),
  subscription,
};
