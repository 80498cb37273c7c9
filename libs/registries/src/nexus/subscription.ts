import type { RegistrySubscription } from '../adapter.js';

/** Capabilities have no public API in the versions that this was written for. */
export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl }) => ({
    steps: [
      {
        title:
          'As an administrator: Settings, System, Capabilities, Create capability, "Webhook: Repository"; one for each Docker repository',
        language: 'text',
        text: [
          'Repository:  <the hosted Docker repository>',
          'Event Types: component',
          `URL:         ${webhookUrl}`,
          `Secret Key:  <the webhook secret of "${registry}">`,
        ].join('\n'),
      },
      {
        title:
          'In tagwarden.yaml: how each repository is reached (name= for a port of its own, name=name below a path)',
        language: 'yaml',
        text: 'repositories: "<the hosted Docker repository>="',
      },
    ],
    notes: [
      'Choose hosted repositories: a group sends nothing of its own.',
      'No notification names a digest: each makes the service look the tag up.',
      'Purged components are named by internal ids only. Such notifications are kept as rejected, and the sweep finds which tags are gone.',
      'Assume that each notification is sent once.',
    ],
  }),
};
