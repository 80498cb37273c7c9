import type { RegistrySubscription } from '../adapter.js';

/** Its notifications are set in its configuration file alone. */
export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl }) => ({
    steps: [
      {
        title: "In the registry's config.yml, then restart it",
        language: 'yaml',
        text: [
          'notifications:',
          '  endpoints:',
          '    - name: tagwarden',
          `      url: ${webhookUrl}`,
          '      headers:',
          `        Authorization: [Bearer <the webhook token of "${registry}">]`,
          '      timeout: 6s',
          '      threshold: 3',
          '      backoff: 1s',
          '      ignore:',
          '        mediatypes: [application/octet-stream]',
          '        actions: [pull]',
        ].join('\n'),
      },
    ],
    notes: [
      'Leave actions: [pull] out where you want to know who pulled a wrong digest while it stood.',
      'At log level info the registry writes the token into its log: set log.level to warn.',
      'Notifications wait in memory and are lost when the registry stops; the sweep finds what they told.',
    ],
  }),
};
