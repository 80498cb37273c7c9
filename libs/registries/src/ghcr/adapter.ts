import type { RegistryAdapter } from '../adapter.js';
import { isSignature, SIGNS_BODY } from '../sender/sender-signature.js';
import { GhcrClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** GitHub's container registry. */
export const ghcr: RegistryAdapter = {
  kind: 'ghcr',
  capabilities: {
    digestOnPush: true,
    tagDeletions: false,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: true,
  },
  sender: SIGNS_BODY,
  options: [{ name: 'owners' }, { name: 'apiUrl' }, { name: 'apiToken', secret: true }],
  parseNotification,
  authenticateSender: (sender) => {
    const signature = sender.headers['x-hub-signature-256'];
    return isSignature(signature, sender, { algorithm: 'sha256', prefix: 'sha256=' }) ? 'ok' : 'refused';
  },
  createClient: (options, settings) => new GhcrClient(options, settings),
  subscription,
};
