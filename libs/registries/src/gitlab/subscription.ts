import type { RegistrySubscription } from '../adapter.js';

/** Its notifications are set for the whole instance, in its configuration file alone. */
export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl }) => ({
    steps: [
      {
        title: 'Linux package: in /etc/gitlab/gitlab.rb, then gitlab-ctl reconfigure',
        language: 'text',
        text: [
          "registry['notifications'] = [",
          '  {',
          "    'name' => 'tagwarden',",
          `    'url' => '${webhookUrl}',`,
          "    'timeout' => '6s',",
          "    'threshold' => 5,",
          "    'maxretries' => 10,",
          "    'backoff' => '1s',",
          "    'headers' => {",
          `      'Authorization' => ['<the webhook token of "${registry}">']`,
          '    }',
          '  }',
          ']',
        ].join('\n'),
      },
      {
        title: "Otherwise: in the registry's own configuration, then restart it",
        language: 'yaml',
        text: [
          'notifications:',
          '  endpoints:',
          '    - name: tagwarden',
          `      url: ${webhookUrl}`,
          '      headers:',
          `        Authorization: ['<the webhook token of "${registry}">']`,
          '      timeout: 6s',
          '      threshold: 5',
          '      maxretries: 10',
          '      backoff: 1s',
        ].join('\n'),
      },
    ],
    notes: [
      'Notifications are a matter of the whole instance: only its administrator can subscribe, and on GitLab.com nobody can. There the sweep finds changes.',
      'Leave the endpoint that GitLab itself has (container_registry_event) as it is, and add this one.',
      'Releases that know maxretries drop a notification after that many tries; older ones need threshold and try for ever.',
    ],
  }),
};
