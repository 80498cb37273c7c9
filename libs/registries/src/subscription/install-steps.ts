import { DomainError } from '#domain';
import type { InstallContext, SubscriptionOutcome } from '../adapter.js';

/** What installing did for one scope. */
export type ScopeOutcome = Pick<SubscriptionOutcome, 'outcome'> & { readonly subscription: string };

/** What a vendor that subscribes one by one is to subscribe. Throws `REQUEST_INVALID` where nothing is named. */
export function scopesOf({ registry, scopes }: InstallContext, what: string): readonly string[] {
  if (scopes.length > 0) return [...new Set(scopes)];
  throw new DomainError(
    'REQUEST_INVALID',
    `Registry "${registry}" is subscribed one by one: name in "scopes" the ${what} to subscribe.`,
  );
}

/** The token that notifications carry. Throws `REGISTRY_MISCONFIGURED`. */
export function tokenOf({ registry, secrets }: InstallContext): string {
  if (secrets.token) return secrets.token;
  throw new DomainError(
    'REGISTRY_MISCONFIGURED',
    `Registry "${registry}" has no webhook token to install: add "webhook: { tokenEnv: … }" to it.`,
  );
}

/** What notifications are signed with. Throws `REGISTRY_MISCONFIGURED`. */
export function secretOf({ registry, secrets }: InstallContext): string {
  if (secrets.secret) return secrets.secret;
  throw new DomainError(
    'REGISTRY_MISCONFIGURED',
    `Registry "${registry}" has no webhook secret to install: add "webhook: { secretEnv: … }" to it.`,
  );
}

/** For vendors that can send no header. */
export function urlWithToken(webhookUrl: string, token: string): string {
  const url = new URL(webhookUrl);
  url.searchParams.set('token', token);
  return url.href;
}

/** Whether an address that a vendor keeps leads to the webhook, whatever token it has. */
export function leadsTo(address: string, webhookUrl: string): boolean {
  const place = (text: string) => {
    const { origin, pathname } = new URL(text);
    return `${origin}${pathname.replace(/\/+$/, '')}`;
  };
  return URL.canParse(address) && place(address) === place(webhookUrl);
}

/** Installs in one scope after the other, and closes the vendor's API whatever comes of it. */
export async function installEach<Api extends { close(): Promise<void> }>(
  api: Api,
  scopes: readonly string[],
  notes: readonly string[],
  installIn: (api: Api, scope: string) => Promise<ScopeOutcome>,
): Promise<SubscriptionOutcome> {
  try {
    const outcomes: ScopeOutcome[] = [];
    for (const scope of scopes) outcomes.push(await installIn(api, scope));
    return outcomeOf(outcomes, notes);
  } finally {
    await api.close();
  }
}

/** What was changed, from what was found: null, or whether it was on and as it should be. */
export function changeOf(found: { readonly isOn: boolean; readonly isRight: boolean } | null): ScopeOutcome['outcome'] {
  if (found === null) return 'created';
  if (!found.isOn) return 'reenabled';
  return found.isRight ? 'unchanged' : 'updated';
}

const STRENGTH = ['unchanged', 'updated', 'reenabled', 'created'] as const;

/** The greatest change that any of them was. */
export function outcomeOf(each: readonly ScopeOutcome[], notes: readonly string[] = []): SubscriptionOutcome {
  const strength = Math.max(0, ...each.map(({ outcome }) => STRENGTH.indexOf(outcome)));
  return {
    outcome: STRENGTH[strength] ?? 'unchanged',
    subscriptions: each.map(({ subscription }) => subscription),
    notes,
  };
}
