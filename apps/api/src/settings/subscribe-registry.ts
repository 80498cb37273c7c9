import type { RegistryDeed, RegistryKeeping } from '#application';
import type { InstalledSubscriptionView, SubscriptionView } from '#contracts';
import { DomainError } from '#domain';
import { clientOptionsOf, type RegistryConfiguration, VERSION } from '#platform';
import { getAdapter } from '#registries';

/** Where notifications are to be sent; `isGuessed` from the request that asked. */
export type WebhookPlace = { readonly url: string; readonly isGuessed: boolean };

/** `SUBSCRIPTION_NOT_INSTALLABLE`: the kind has no API for it. */
class SubscriptionNotInstallableError extends DomainError {
  constructor({ name, kind }: RegistryConfiguration) {
    super(
      'SUBSCRIPTION_NOT_INSTALLABLE',
      `A registry of kind ${kind} has no API by which it could be subscribed. GET /api/v1/registries/${name}/subscription says what to set there by hand.`,
    );
  }
}

const GUESSED =
  'The address is the one that this request came to. Where registries reach Tagwarden by another, set TAGWARDEN_PUBLIC_URL.';

/** How registries are made to send their notifications here. */
export class SubscribeRegistry {
  constructor(private readonly keeping: RegistryKeeping) {}

  async guide(registry: RegistryConfiguration, place: WebhookPlace): Promise<SubscriptionView> {
    const { subscription } = getAdapter(registry.kind);
    const { steps, notes } = subscription.guide(contextOf(registry, place));
    const lastAt = (await this.keeping.lastHeard([registry.name])).get(registry.name) ?? null;
    return {
      kind: registry.kind,
      webhookUrl: place.url,
      installable: subscription.install !== undefined,
      steps: steps.map((step) => ({ ...step })),
      notes: [...notes, ...notesOf(place)],
      heard: { lastAt },
    };
  }

  /** Throws `SUBSCRIPTION_NOT_INSTALLABLE`, and what the adapter throws. */
  async install(
    registry: RegistryConfiguration,
    place: WebhookPlace,
    scopes: readonly string[],
    deed: RegistryDeed,
  ): Promise<InstalledSubscriptionView> {
    const { install } = getAdapter(registry.kind).subscription;
    if (install === undefined) throw new SubscriptionNotInstallableError(registry);
    const { webhook } = registry;
    const secrets = { token: webhook.token?.reveal() ?? null, secret: webhook.secret?.reveal() ?? null };
    const client = clientOptionsOf(registry);
    const context = { ...contextOf(registry, place), secrets, client, settings: { version: VERSION }, scopes };
    const done = await install(context);
    const hide = hiding([secrets.token, secrets.secret, client.password, client.token, ...secretsOf(client)]);
    const [outcome, subscriptions] = [done.outcome, done.subscriptions.map(hide)];
    const detail = { outcome, subscriptions, scopes, webhookUrl: place.url };
    await this.keeping.noteSubscription(registry.name, detail, deed);
    const notes = [...done.notes.map(hide), ...notesOf(place)];
    return { kind: registry.kind, webhookUrl: place.url, outcome, subscriptions, notes };
  }
}

const contextOf = ({ name, url, options }: RegistryConfiguration, place: WebhookPlace) => ({
  registry: name,
  url,
  webhookUrl: place.url,
  options,
});

const notesOf = ({ isGuessed }: WebhookPlace): string[] => (isGuessed ? [GUESSED] : []);

const secretsOf = ({ secretOptions = {} }: ReturnType<typeof clientOptionsOf>) => Object.values(secretOptions);

/** Vendors name a subscription by its address, and that may hold the token. */
function hiding(secrets: readonly (string | null | undefined)[]): (text: string) => string {
  const known = secrets.flatMap((secret) => (secret ? [secret, encodeURIComponent(secret)] : []));
  return (text) => known.reduce((rest, secret) => rest.replaceAll(secret, '…'), text);
}
