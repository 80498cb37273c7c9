import { z } from 'zod';

const text = z.string();

/**
 * A registry as tagwarden.yaml has it. What is right for it is decided by the code that reads the file, so that one thing is not
 * allowed in the one place and refused in the other.
 */
export const RegistryBody = z
  .looseObject({
    name: text.optional().meta({ description: 'Required in POST; in PUT the one of the path.' }),
    kind: text.optional().meta({ description: 'Required: `distribution`, `harbor`, …' }),
    url: text.optional().meta({ description: 'Required: http or https, without credentials.' }),
    username: text.optional(),
    password: text.nullable().optional().meta({ writeOnly: true }),
    token: text.nullable().optional().meta({ writeOnly: true }),
    webhook: z
      .looseObject({
        token: text.nullable().optional().meta({ writeOnly: true, description: 'Sent along with each notification.' }),
        secret: text.nullable().optional().meta({ writeOnly: true, description: 'Signs each notification.' }),
      })
      .optional(),
    tls: z
      .looseObject({ ca: text.optional().meta({ description: 'PEM, trusted beside the public authorities.' }) })
      .optional(),
    sweep: z
      .looseObject({})
      .optional()
      .meta({ description: '`every`, `repositories`, `requestsPerSecond`, `concurrency`.' }),
    timeout: text.optional(),
  })
  .meta({
    description:
      "In the shape of tagwarden.yaml, the kind's own keys too, secrets as they are: keys that end in `Env`, `File` or `Path` are refused. " +
      'In PUT, secrets that are left out stay, and null takes one away.',
  });
export type RegistryBody = z.infer<typeof RegistryBody>;

/** Any JSON object: the configuration's own code says what is wrong with it. */
export const AnyRegistryBody = z.record(z.string(), z.unknown());
export type AnyRegistryBody = z.infer<typeof AnyRegistryBody>;

export const SaveRegistryQuery = z.strictObject({
  check: z
    .enum(['true', 'false'], { error: 'It must be true or false.' })
    .default('true')
    .meta({ description: '`false`: it is saved without asking the registry whether it takes the credentials.' }),
});
export type SaveRegistryQuery = z.infer<typeof SaveRegistryQuery>;

export const SubscriptionBody = z
  .strictObject({
    scopes: z
      .array(z.string().min(1).max(500))
      .max(100)
      .default([])
      .meta({ description: 'Repositories, projects or organisations, where the vendor subscribes one by one.' }),
  })
  .prefault({});
export type SubscriptionBody = z.infer<typeof SubscriptionBody>;
