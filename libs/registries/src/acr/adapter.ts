import type { RegistryAdapter } from '../adapter.js';
import { SENDS_TOKEN } from '../sender/sender-token.js';
import { createAcrClient } from './client.js';
import { authenticateSender } from './sender.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Azure Container Registry, notified by its webhooks or through Event Grid. */
export const acr: RegistryAdapter = {
  kind: 'acr',
  capabilities: {
    digestOnPush: true,
    tagDeletions: false,
    pulls: false,
    redelivery: false,
    notifiesBeforeWrite: false,
    keepsOverwritten: true,
  },
  sender: SENDS_TOKEN,
  options: [
    { name: 'tenantId' },
    { name: 'clientId' },
    { name: 'clientSecret', secret: true },
    { name: 'federatedTokenPath' },
    { name: 'credentialsFrom' },
    { name: 'instanceMetadataUrl' },
    { name: 'cloud' },
    { name: 'loginUrl' },
    { name: 'managementUrl' },
    { name: 'subscriptionId' },
    { name: 'resourceGroup' },
    { name: 'registryName' },
    { name: 'eventGridAudience' },
    { name: 'eventGridAppId' },
  ],
  parseNotification,
  authenticateSender,
  createClient: createAcrClient,
  subscription,
};
