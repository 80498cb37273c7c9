import type { RegistrySubscription } from '../adapter.js';

/** Its events are set in its configuration file alone. */
export const subscription: RegistrySubscription = {
  guide: ({ registry, webhookUrl }) => ({
    steps: [
      {
        title: "In zot's configuration, then restart it",
        language: 'json',
        text: JSON.stringify(
          {
            extensions: {
              events: {
                enable: true,
                sinks: [
                  {
                    type: 'http',
                    address: webhookUrl,
                    timeout: '10s',
                    credentials: { username: 'tagwarden', password: `<the webhook token of "${registry}">` },
                  },
                ],
              },
            },
          },
          null,
          2,
        ),
      },
    ],
    notes: [
      'Each event is sent once and never again: the sweep finds what got lost.',
      'An overwritten manifest is gone at once; Tagwarden keeps the one that comes with the event.',
    ],
  }),
};
