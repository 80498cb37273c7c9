import type { RegistryAdapter } from '../adapter.js';
import { createEcrClient } from './client.js';
import { authenticateSender, sender } from './sender.js';
import { subscription } from './subscription.js';
import { parseNotification } from './webhook.js';

/** Amazon Elastic Container Registry, notified through EventBridge or SNS. */
export const ecr: RegistryAdapter = {
  kind: 'ecr',
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
    { name: 'topicArn' },
    { name: 'account' },
    { name: 'region' },
    { name: 'apiUrl' },
    { name: 'credentialsFrom' },
    { name: 'containerTokenPath' },
    { name: 'instanceMetadataUrl' },
    { name: 'accessKeyId', secret: true },
    { name: 'secretAccessKey', secret: true },
    { name: 'sessionToken', secret: true },
    { name: 'containerCredentialsUri', secret: true },
  ],
  parseNotification,
  authenticateSender,
  createClient: createEcrClient,
  subscription,
};
