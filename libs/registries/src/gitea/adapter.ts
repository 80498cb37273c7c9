import type { RegistryAdapter } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { SIGNS_BODY } from '../sender/sender-signature.js';
import { withTokenAsPassword } from '../vendor-api/token-as-password.js';
import { authenticateSender } from './sender.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Gitea's and Forgejo's container registry. */
export const gitea: RegistryAdapter = {
  kind: 'gitea',
  capabilities: {
    digestOnPush: false,
    tagDeletions: true,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: false,
  },
  sender: SIGNS_BODY,
  options: [{ name: 'apiUrl' }, { name: 'apiToken', secret: true }],
  parseNotification,
  authenticateSender,
  createClient: (options, settings) => new OciRegistryClient(withTokenAsPassword(options), settings),
  subscription,
};
