import { NotificationSource, NotificationSources, type Understood, type WebhookRequest } from '#application';
import type { Instant, RegistryName } from '#domain';
import {
  type CloseableRegistryClients,
  createRegistryClients,
  getAdapter,
  type PublicDocuments,
  type RegistryAdapter,
  type RegistryClientOptions,
} from '#registries';
import type { RegistryConfiguration } from '../configuration/index.js';

export function openRegistryClients(
  registries: readonly RegistryConfiguration[],
  version: string,
): CloseableRegistryClients {
  return createRegistryClients(registries.map(clientOptionsOf), { version });
}

function clientOptionsOf({
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
      return { ...options, token: credentials.token.reveal() };
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

/** The configured registries, as senders of notifications. */
export class ConfiguredSources extends NotificationSources {
  private readonly sources: ReadonlyMap<string, NotificationSource>;

  constructor(registries: readonly RegistryConfiguration[], documents: PublicDocuments) {
    super();
    this.sources = new Map(
      registries.map((one) => [one.name, new ConfiguredSource(one, getAdapter(one.kind), documents)]),
    );
  }

  override find(registry: string): NotificationSource | null {
    return this.sources.get(registry) ?? null;
  }
}
