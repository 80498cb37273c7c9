import { type Log, NotificationSource, NotificationSources, type Understood, type WebhookRequest } from '#application';
import { type Instant, messageOf, type RegistryName } from '#domain';
import {
  FollowingRegistryClients,
  getAdapter,
  type PublicDocuments,
  type RegistryAdapter,
  type RegistryClientOptions,
} from '#registries';
import type { RegistryConfiguration } from '../configuration/index.js';
import type { CurrentRegistries } from './current-registries.js';

/** Clients of the registries as they are now, and as they change. Throws what an adapter refuses of the first. */
export function openRegistryClients(
  registries: CurrentRegistries,
  version: string,
  log: Log,
): FollowingRegistryClients {
  const clients = new FollowingRegistryClients({ version });
  const known = new WeakMap<RegistryConfiguration, RegistryClientOptions>();
  const optionsOf = (registry: RegistryConfiguration) => {
    const options = known.get(registry) ?? clientOptionsOf(registry);
    known.set(registry, options);
    return options;
  };
  const [refusal] = clients.follow(registries.list().map(optionsOf));
  if (refusal !== undefined) throw refusal;
  registries.onChange(() => {
    for (const refused of clients.follow(registries.list().map(optionsOf)))
      log.error(`A stored registry cannot be reached: ${messageOf(refused)}`);
  });
  return clients;
}

/** How a registry is reached, secrets revealed. */
export function clientOptionsOf({
  name,
  kind,
  url,
  credentials,
  tls,
  timeoutMs,
  options: kindOptions,
  secretOptions,
}: RegistryConfiguration): RegistryClientOptions {
  const own = { options: kindOptions, secretOptions: revealed(secretOptions) };
  const options = { name, kind, url, timeoutMs, ...own, ...(tls.ca === null ? {} : { tls: { ca: tls.ca } }) };
  switch (credentials?.type) {
    case 'basic':
      return { ...options, username: credentials.username, password: credentials.password.reveal() };
    case 'token':
      return {
        ...options,
        token: credentials.token.reveal(),
        ...(credentials.username === null ? {} : { username: credentials.username }),
      };
    case undefined:
      return options;
  }
}

const revealed = (secrets: RegistryConfiguration['secretOptions']): Record<string, string> =>
  Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]));

class ConfiguredSource extends NotificationSource {
  override readonly registry: RegistryName;
  override readonly provesBody: boolean;

  constructor(
    private readonly configuration: RegistryConfiguration,
    private readonly adapter: RegistryAdapter,
    private readonly documents: PublicDocuments,
  ) {
    super();
    this.registry = configuration.name;
    this.provesBody = adapter.sender.needsBody;
  }

  override async isKnownSender(request: WebhookRequest, receivedAt: Instant): Promise<boolean> {
    const { webhook, options } = this.configuration;
    const secrets = { token: webhook.token?.reveal() ?? null, secret: webhook.secret?.reveal() ?? null };
    const sender = { ...request, secrets, options, receivedAt };
    return (await this.adapter.authenticateSender(sender, this.documents)) === 'ok';
  }

  override understand({ headers, body }: Pick<WebhookRequest, 'headers' | 'body'>, receivedAt: Instant): Understood {
    const { url, options } = this.configuration;
    const about = { registry: this.registry, url, options };
    const parsed = this.adapter.parseNotification({ ...about, headers, body, receivedAt });
    return { hints: [], handshake: null, ...parsed };
  }
}

/** The registries as they are now, as senders of notifications. */
export class ConfiguredSources extends NotificationSources {
  private readonly sources = new WeakMap<RegistryConfiguration, NotificationSource>();

  constructor(
    private readonly registries: Pick<CurrentRegistries, 'find'>,
    private readonly documents: PublicDocuments,
  ) {
    super();
  }

  override find(name: string): NotificationSource | null {
    const registry = this.registries.find(name);
    return registry === null ? null : (this.sources.get(registry) ?? this.add(registry));
  }

  private add(registry: RegistryConfiguration): NotificationSource {
    const source = new ConfiguredSource(registry, getAdapter(registry.kind), this.documents);
    this.sources.set(registry, source);
    return source;
  }
}
