import { z } from 'zod';
import { parseRegistryName, parseRepositoryName, type RegistryName, type RepositoryName } from '#domain';
import type { KeyPath } from './key-path.js';
import type { Loading } from './loading.js';
import type { Secret } from './secret.js';
import { duration, findUrl, parsedText, secretKeys } from './values.js';

/** A registry kind that there is an adapter for, and the keys that only it understands. */
export type KnownKind = {
  readonly kind: string;
  readonly options?: readonly KindOption[];
  /** Each also as `…Env` and `…File`. */
  readonly secretOptions?: readonly KindOption[];
  /** What senders of this kind need under `webhook`, one of these; none: they prove themselves by the kind's options. Default: either. */
  readonly webhookSecrets?: readonly ('token' | 'secret')[];
};

export type KindOption = { readonly name: string; readonly required?: boolean };

export type RegistryConfiguration = {
  readonly name: RegistryName;
  readonly kind: string;
  /** Without a slash at the end. */
  readonly url: string;
  /** null: anonymous. */
  readonly credentials:
    | { readonly type: 'basic'; readonly username: string; readonly password: Secret }
    | { readonly type: 'token'; readonly username: string | null; readonly token: Secret }
    | null;
  readonly tls: { readonly ca: string | null };
  /** How senders prove themselves; at least one is there, unless the kind's senders prove themselves otherwise. */
  readonly webhook: { readonly token: Secret | null; readonly secret: Secret | null };
  readonly sweep: {
    readonly everyMs: number;
    /** Looked at also where no catalog lists them and nothing has told of them yet. */
    readonly repositories: readonly RepositoryName[];
    /** Of each sweeper. */
    readonly requestsPerSecond: number;
    /** Requests at a time, of each sweeper. */
    readonly concurrency: number;
  };
  /** Where it keeps what rules with `guard` have sealed. */
  readonly guard: {
    readonly repository: RepositoryName;
    /** A blob that the registry does not mount is copied up to this size; 0: none is. */
    readonly copyBytes: number;
  };
  /** A tag of our own that is overwritten on a schedule; null: none. */
  readonly canary: { readonly everyMs: number; readonly repository: RepositoryName } | null;
  /** For one request. */
  readonly timeoutMs: number;
  /** The kind's own keys. */
  readonly options: Readonly<Record<string, string>>;
  readonly secretOptions: Readonly<Record<string, Secret>>;
};

const MIB = 1024 * 1024;

const RegistryUrl = parsedText(z.string(), (value) => {
  const url = findUrl(value);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new Error('It must be an http or https URL, such as https://registry.example.com.');
  }
  if (url.username || url.password) {
    throw new Error('It must hold no credentials. Use username and passwordEnv, which are kept out of logs.');
  }
  if (url.search || url.hash) throw new Error('It must have no query and no fragment.');
  return url.href.replace(/\/+$/, '');
});

const RegistryShape = {
  name: parsedText(z.string(), parseRegistryName),
  kind: z.string().min(1),
  url: RegistryUrl,
  username: z.string().min(1).optional(),
  ...secretKeys('password'),
  ...secretKeys('token'),
  tls: z.strictObject({ ca: z.string().min(1).optional(), caFile: z.string().min(1).optional() }).prefault({}),
  webhook: z.strictObject({ ...secretKeys('token'), ...secretKeys('secret') }).prefault({}),
  sweep: z
    .strictObject({
      every: duration('10s', '7d').prefault('5m'),
      repositories: z.array(parsedText(z.string(), parseRepositoryName)).max(10_000).default([]),
      requestsPerSecond: z.int().min(1).max(1_000).default(50),
      concurrency: z.int().min(1).max(64).default(4),
    })
    .prefault({}),
  guardRepository: parsedText(z.string(), parseRepositoryName).prefault('tagwarden/guard'),
  guardCopyMiB: z.int().min(0).max(10_240).default(0),
  canary: z
    .strictObject({
      every: duration('1m', '7d').prefault('1h'),
      repository: parsedText(z.string(), parseRepositoryName).prefault('tagwarden/canary'),
    })
    .optional(),
  timeout: duration('100ms', '5m').prefault('30s'),
};
const RegistrySchema = z.strictObject(RegistryShape);

export function loadRegistries(
  loading: Loading,
  knownKinds: readonly (string | KnownKind)[],
): readonly RegistryConfiguration[] {
  const kinds = knownKinds.map((kind) => (typeof kind === 'string' ? { kind } : kind));
  const items = loading.items(['registries']);
  loading.refuseDuplicates(items);
  return items.flatMap((path) => loadRegistry(loading, path, kinds) ?? []);
}

/** One registry, reported under `path`; null where something is wrong with it. */
export function loadRegistry(
  loading: Loading,
  path: KeyPath,
  kinds: readonly KnownKind[],
): RegistryConfiguration | null {
  const wanted = loading.value([...path, 'kind']);
  const kind = kinds.find((candidate) => candidate.kind === wanted);
  if (!kind && typeof wanted === 'string') {
    const names = kinds.map((candidate) => candidate.kind);
    loading.report([...path, 'kind'], `There is no such kind. It must be one of ${names.join(', ')}.`);
  }
  const section = loading.check(schemaFor(kind), path);
  if (!section || !kind) return null;
  const { name, url, timeout, tls, sweep, guardRepository, guardCopyMiB } = section;
  return {
    name,
    kind: kind.kind,
    url,
    credentials: loadCredentials(loading, section, path),
    tls: { ca: loadAuthority(loading, tls, path) },
    webhook: loadWebhook(loading, section, path, kind),
    sweep: sweepOf(sweep),
    guard: { repository: guardRepository, copyBytes: guardCopyMiB * MIB },
    canary: loadCanary(loading, section, path),
    timeoutMs: timeout,
    ...loadOptions(loading, section, path, kind),
  };
}

function loadAuthority(loading: Loading, { ca, caFile }: RegistrySection['tls'], path: KeyPath): string | null {
  const filePath = [...path, 'tls', 'caFile'];
  if (caFile === undefined) return ca ?? null;
  if (ca === undefined) return loading.file(filePath, caFile);
  loading.report(filePath, 'tls.ca gives this as well. Keep one of the two.');
  return null;
}

function loadCanary(
  loading: Loading,
  { canary, guardRepository }: RegistrySection,
  path: KeyPath,
): RegistryConfiguration['canary'] {
  if (canary === undefined) return null;
  if (loading.inClear) {
    loading.report(
      [...path, 'canary'],
      "Only a registry of the configuration file can have one: its rule is the file's.",
    );
  }
  if (canary.repository === guardRepository) {
    loading.report([...path, 'canary', 'repository'], 'No tag of the guard repository is sealed. Name another one.');
  }
  return { everyMs: canary.every, repository: canary.repository };
}

const sweepOf = ({ every, ...others }: RegistrySection['sweep']): RegistryConfiguration['sweep'] => ({
  everyMs: every,
  ...others,
});

/** The common keys and the kind's own. */
function schemaFor(kind: KnownKind | undefined): typeof RegistrySchema {
  const own: Record<string, z.ZodType> = {};
  for (const { name, required } of kind?.options ?? []) {
    own[name] = required === true ? z.string().min(1) : z.string().min(1).optional();
  }
  for (const { name } of kind?.secretOptions ?? []) Object.assign(own, secretKeys(name));
  return z.strictObject({ ...own, ...RegistryShape });
}

type RegistrySection = z.output<typeof RegistrySchema>;

function loadCredentials(
  loading: Loading,
  section: RegistrySection,
  path: KeyPath,
): RegistryConfiguration['credentials'] {
  const before = loading.problems.length;
  const password = loading.secret(section, path, 'password');
  const token = loading.secret(section, path, 'token');
  const username = section.username ?? null;
  if (loading.problems.length > before) return null;
  if (password && token) loading.report(path, 'It has a password and a token. Keep one of the two.');
  if (password && !username) loading.report(path, 'Its password needs a username beside it.');
  if (username && !password && !token) {
    const ways = loading.inClear ? 'password' : 'passwordEnv, passwordFile or password';
    loading.report([...path, 'username'], `It needs ${ways} (or a token) beside it.`);
  }
  if (token) return { type: 'token', username, token };
  return username && password ? { type: 'basic', username, password } : null;
}

function loadWebhook(
  loading: Loading,
  section: RegistrySection,
  path: KeyPath,
  { kind, webhookSecrets = ['token', 'secret'] }: KnownKind,
): RegistryConfiguration['webhook'] {
  const before = loading.problems.length;
  const webhookPath = [...path, 'webhook'];
  const token = loading.secret(section.webhook, webhookPath, 'token');
  const secret = loading.secret(section.webhook, webhookPath, 'secret');
  const given = { token, secret };
  if (loading.problems.length === before && webhookSecrets.length > 0 && !webhookSecrets.some((key) => given[key])) {
    const variable = `${section.name.replace(/[^a-z0-9]/g, '_').toUpperCase()}_HOOK`;
    const wayOf = (key: string) =>
      loading.inClear ? `webhook.${key}` : `"webhook: { ${key}Env: ${variable}_${key.toUpperCase()} }"`;
    const ways = webhookSecrets.map(wayOf).join(' or ');
    loading.report(
      webhookPath,
      `Without a secret anybody could send notifications for this registry. Add ${ways} for kind ${kind}, and give the registry the same secret.`,
    );
  }
  return given;
}

function loadOptions(
  loading: Loading,
  section: Readonly<Record<string, unknown>>,
  path: KeyPath,
  kind: KnownKind,
): Pick<RegistryConfiguration, 'options' | 'secretOptions'> {
  const options = (kind.options ?? []).flatMap(({ name }) => {
    const value = section[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  const secretOptions = (kind.secretOptions ?? []).flatMap(({ name, required }) => {
    const before = loading.problems.length;
    const value = loading.secret(section, path, name);
    if (!value && required === true && loading.problems.length === before) {
      const ways = loading.inClear ? name : `${name}Env, ${name}File or ${name}`;
      loading.report(path, `It needs ${ways} for kind ${kind.kind}.`);
    }
    return value ? [[name, value] as const] : [];
  });
  return { options: Object.fromEntries(options), secretOptions: Object.fromEntries(secretOptions) };
}
