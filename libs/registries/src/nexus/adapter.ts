import type { RegistryAdapter } from '../adapter.js';
import { isSignature, SIGNS_BODY } from '../sender/sender-signature.js';
import { NexusClient } from './client.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Sonatype Nexus Repository. */
export const nexus: RegistryAdapter = {
  kind: 'nexus',
  capabilities: {
    digestOnPush: false,
    tagDeletions: true,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: false,
  },
  sender: SIGNS_BODY,
  // One server has many Docker repositories, and only its administrator knows which port or path leads to which.
  options: [{ name: 'repositories', required: true }],
  parseNotification,
  authenticateSender: (sender) =>
    isSignature(sender.headers['x-nexus-webhook-signature'], sender, { algorithm: 'sha1' }) ? 'ok' : 'refused',
  createClient: (options, settings) => new NexusClient(options, settings),
  subscription,
};
