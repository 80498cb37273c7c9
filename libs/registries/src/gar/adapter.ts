import type { RegistryAdapter } from '../adapter.js';
import { createGarClient } from './client.js';
import { authenticateSender, sender } from './sender.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Google Artifact Registry, notified through a Pub/Sub push subscription. */
export const gar: RegistryAdapter = {
  kind: 'gar',
  capabilities: {
    digestOnPush: true,
    tagDeletions: true,
    pulls: false,
    redelivery: true,
    notifiesBeforeWrite: false,
    keepsOverwritten: true,
  },
  sender,
  options: [
    { name: 'audience', required: true },
    { name: 'pushServiceAccount', required: true },
    { name: 'project' },
    { name: 'host' },
    { name: 'apiUrl' },
    { name: 'credentialsFrom' },
    { name: 'metadataUrl' },
    { name: 'serviceAccountKey', secret: true },
  ],
  parseNotification,
  authenticateSender,
  createClient: createGarClient,
  subscription,
};
