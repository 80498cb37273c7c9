import type { RegistryAdapter } from '../adapter.js';
import { SIGNS_BODY } from '../sender/sender-signature.js';
import { ArtifactoryClient } from './client.js';
import { authenticateSender } from './sender.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** JFrog Artifactory. */
export const artifactory: RegistryAdapter = {
  kind: 'artifactory',
  capabilities: {
    digestOnPush: true,
    tagDeletions: true,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: false,
  },
  sender: SIGNS_BODY,
  options: [{ name: 'repositories' }, { name: 'apiUrl' }, { name: 'apiToken', secret: true }],
  parseNotification,
  authenticateSender,
  createClient: (options, settings) => new ArtifactoryClient(options, settings),
  subscription,
};
