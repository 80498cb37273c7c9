import { z } from 'zod';
import { optional, text } from '../notification/lenient-text.js';

const login = z.object({ login: optional }).nullish().catch(null);

const ContainerMetadata = z.object({
  /** Its name is empty for a manifest without a tag. */
  tag: z.object({ name: text, digest: text }).nullish(),
  manifest: z.object({ digest: text, media_type: optional }).nullish(),
});

const Package = z.object({
  name: z.string(),
  namespace: text,
  ecosystem: optional,
  package_type: optional,
  owner: login,
  package_version: z
    .object({
      id: z.number().nullish().catch(null),
      /** The digest. */
      version: text,
      name: text,
      updated_at: optional,
      container_metadata: ContainerMetadata.nullish(),
    })
    .nullish(),
});
export type Package = z.infer<typeof Package>;

/** The events `registry_package` and `package` differ in one key. Source: GitHub's webhook documentation. */
export const PackageEvent = z.object({
  action: z.string(),
  registry_package: Package.nullish(),
  package: Package.nullish(),
  sender: login,
});
export type PackageEvent = z.infer<typeof PackageEvent>;

export const Packages = z.array(z.object({ name: z.string(), owner: z.object({ login: z.string() }) }));

export const PackageVersions = z.array(z.object({ id: z.number(), name: z.string() }));

export const Webhook = z.object({
  id: z.number(),
  active: z.boolean().catch(false),
  events: z.array(z.string()).catch([]),
  config: z
    .object({
      url: z.string().catch(''),
      content_type: z.string().catch(''),
      insecure_ssl: z.coerce.string().catch(''),
    })
    .catch({ url: '', content_type: '', insecure_ssl: '' }),
});
export type Webhook = z.infer<typeof Webhook>;
export const Webhooks = z.array(Webhook);
