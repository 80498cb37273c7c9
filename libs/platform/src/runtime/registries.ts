import { NotificationSource, NotificationSources, type Understood, type WebhookRequest } from '#application';
import type { Instant, RegistryName } from '#domain';
import {
  type CloseableRegistryClients,
  createRegistryClients,
  getAdapter,
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
}: RegistryConfiguration): RegistryClientOptions {
  const options = { name, kind, url, timeoutMs, ...(tls.ca === null ? {} : { tls: { ca: tls.ca } }) };
  switch (credentials?.type) {
    case 'basic':
      return { ...options, username: credentials.username, password: credentials.password.reveal() };
    case 'token':
      return { ...options, token: credentials.token.reveal() };
    case undefined:
      return options;
  }
}

class ConfiguredSource extends NotificationSource {
  override readonly registry: RegistryName;

  constructor(
    private readonly configuration: RegistryConfiguration,
    private readonly adapter: RegistryAdapter,
  ) {
    super();
    this.registry = configuration.name;
  }

  override isKnownSender(request: WebhookRequest): boolean {
    const secrets = { token: this.configuration.webhook.token?.reveal() ?? null };
    return this.adapter.authenticateSender({ ...request, secrets }) === 'ok';
  }

  override understand({ headers, body }: Pick<WebhookRequest, 'headers' | 'body'>, receivedAt: Instant): Understood {
    return this.adapter.parseNotification({ registry: this.registry, headers, body, receivedAt });
  }
}

/** The configured registries, as senders of notifications. */
export class ConfiguredSources extends NotificationSources {
  private readonly sources: ReadonlyMap<string, NotificationSource>;

  constructor(registries: readonly RegistryConfiguration[]) {
    super();
    this.sources = new Map(registries.map((one) => [one.name, new ConfiguredSource(one, getAdapter(one.kind))]));
  }

  override find(registry: string): NotificationSource | null {
    return this.sources.get(registry) ?? null;
  }
}
