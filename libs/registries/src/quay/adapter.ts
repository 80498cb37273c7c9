import type { RegistryAdapter } from '../adapter.js';
import { authenticateByToken, SENDS_TOKEN } from '../sender/sender-token.js';
import { createClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Quay, of Red Hat and at quay.io. Its senders can prove themselves by the address alone, which holds the token. */
export const quay: RegistryAdapter = {
  kind: 'quay',
  capabilities: {
    digestOnPush: false,
    tagDeletions: false,
    pulls: false,
    redelivery: true,
    notifiesBeforeWrite: false,
    keepsOverwritten: false,
  },
  sender: SENDS_TOKEN,
  options: [{ name: 'namespaces' }, { name: 'apiToken', secret: true }],
  parseNotification,
  authenticateSender: authenticateByToken,
  createClient,
  subscription,
};
