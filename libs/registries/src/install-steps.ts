import { DomainError } from '#domain';
import type { InstallContext, SubscriptionOutcome } from './adapter.js';

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
