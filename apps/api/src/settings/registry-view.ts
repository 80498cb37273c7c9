import type { Deafness, FinishedCanaryRun, SweepStanding } from '#application';
import type { CanaryView, RegistryView } from '#contracts';
import { type CurrentRegistries, findDurationMs, type RegistryConfiguration, type UnreadableRegistry } from '#platform';

export const NEVER_SWEPT: SweepStanding = { nextAt: null, pending: null, running: null, last: null };

/** Where a stored registry says nothing, and cannot be read either. */
const DEFAULT_SWEEP_MS = 300_000;

/** What the database says of a registry; what is absent never was. */
export type RegistryStanding = {
  readonly sweep?: SweepStanding | undefined;
  readonly lastRun?: FinishedCanaryRun | undefined;
  readonly deaf?: Deafness | undefined;
};

/** What is shown of a registry, whether it can be used or not. */
export type ShownRegistry = Omit<RegistryView, 'sweep' | 'canary' | 'deaf'> & {
  readonly everySeconds: number;
  readonly canary: Omit<CanaryView, 'lastRun'> | null;
};

/** All of them, by name. */
export function shownRegistries(registries: CurrentRegistries): ShownRegistry[] {
  const usable = registries.list().map((registry) => shownUsable(registry, registries.definitionOf(registry.name)));
  const others = registries.unreadable().map((registry) => shownUnreadable(registry, registries));
  return [...usable, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}

export const registryViewOf = (
  { everySeconds, canary, ...shown }: ShownRegistry,
  { sweep = NEVER_SWEPT, lastRun, deaf }: RegistryStanding = {},
): RegistryView => ({
  ...shown,
  sweep: { everySeconds, ...sweep },
  canary: canary && { ...canary, lastRun: lastRun ?? null },
  deaf: deaf ?? null,
});

/** Field by field: a configured registry holds secrets too. `stored` is null for one of the file. */
function shownUsable(registry: RegistryConfiguration, stored: Readonly<Record<string, unknown>> | null): ShownRegistry {
  const { name, kind, url, sweep, canary } = registry;
  return {
    name,
    kind,
    url,
    webhookPath: `/hooks/${name}`,
    origin: stored === null ? 'file' : 'api',
    definition: { ...(stored ?? definitionOfFile(registry)) },
    secrets: secretsOf(registry),
    unreadable: null,
    everySeconds: sweep.everyMs / 1_000,
    canary: canary && { every: durationText(canary.everyMs), repository: canary.repository },
  };
}

function shownUnreadable(
  { name, kind, url, reason }: UnreadableRegistry,
  registries: CurrentRegistries,
): ShownRegistry {
  const definition = registries.definitionOf(name) ?? {};
  const { every = '' } = (definition.sweep ?? {}) as { every?: string };
  return {
    name,
    kind,
    url,
    webhookPath: `/hooks/${name}`,
    origin: 'api',
    definition: { ...definition },
    secrets: [],
    unreadable: reason,
    canary: null,
    everySeconds: (findDurationMs(String(every)) ?? DEFAULT_SWEEP_MS) / 1_000,
  };
}

/** What people ask for most; the file has the rest. */
function definitionOfFile({ kind, url, credentials, sweep, timeoutMs, options }: RegistryConfiguration) {
  const { everyMs, ...pace } = sweep;
  const username = credentials?.username ?? null;
  return {
    kind,
    url,
    ...(username === null ? {} : { username }),
    sweep: { every: durationText(everyMs), ...pace },
    timeout: durationText(timeoutMs),
    ...options,
  };
}

const durationText = (ms: number): string => (ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`);

/** Which there are. */
function secretsOf({ credentials, webhook, secretOptions }: RegistryConfiguration): string[] {
  const login = credentials === null ? [] : [credentials.type === 'basic' ? 'password' : 'token'];
  const hook = (['token', 'secret'] as const).filter((key) => webhook[key] !== null).map((key) => `webhook.${key}`);
  return [...login, ...hook, ...Object.keys(secretOptions)].sort();
}
