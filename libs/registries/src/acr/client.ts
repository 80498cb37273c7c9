import { type Manifest, RegistryError, type TagRestorer } from '#application';
import { type Digest, isDigest, type RepositoryName, type TagName } from '#domain';
import type { ClientSettings, CloseableRegistryClient, RegistryClientOptions } from '../adapter.js';
import { OciRegistryClient } from '../distribution/client.js';
import { type Call, RegistryConnection } from '../distribution/connection.js';
import { acrLogin } from './auth.js';
import { findAzureIdentity } from './azure-identity.js';

const MAX_ANSWER = 1024 * 1024;

/** With an application or a managed identity: by a token that is exchanged and renewed. Else by username and password. */
export function createAcrClient(
  options: RegistryClientOptions,
  settings: ClientSettings = {},
): CloseableRegistryClient {
  const identity = findAzureIdentity(options);
  if (identity === null) return new AcrRegistryClient(options, settings, async () => undefined);
  const login = acrLogin(options, settings, identity);
  return new AcrRegistryClient({ ...options, login }, settings, () => login.close());
}

class AcrRegistryClient extends OciRegistryClient implements TagRestorer {
  /** For what is not below `/v2/`; the same token service, with other scopes. */
  readonly #own: RegistryConnection;
  readonly #base: URL;
  readonly #closeLogin: () => Promise<void>;

  constructor(options: RegistryClientOptions, settings: ClientSettings, closeLogin: () => Promise<void>) {
    super(options, settings);
    this.#own = new RegistryConnection(options, settings);
    this.#base = new URL(options.url);
    this.#closeLogin = closeLogin;
  }

  /** A soft-deleted digest is refused; it is restored instead. */
  override async putManifest(
    repository: RepositoryName,
    reference: TagName | Digest,
    manifest: Manifest,
  ): Promise<void> {
    try {
      await super.putManifest(repository, reference, manifest);
    } catch (error) {
      if (isDigest(reference) || !isRefusal(error)) throw error;
      // What the registry said to the PUT says more than that it has nothing to restore.
      const restored = await this.restoreTag(repository, reference, manifest.digest).catch(() => false);
      if (!restored) throw error;
    }
  }

  /** From the soft-deleted ones. Source: the Azure CLI, `acr manifest restore`. */
  async restoreTag(repository: RepositoryName, tag: TagName, digest: Digest): Promise<boolean> {
    const url = new URL(`/acr/v1/_deleted/${repository}/_manifests/${digest}`, this.#base);
    // Over the tag, wherever it points now.
    url.searchParams.set('force', 'true');
    const call: Call = {
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ tag })),
      scope: `repository:${repository}:deleted_read,deleted_restore`,
      maxBytes: MAX_ANSWER,
    };
    return (await this.#own.call(call)).status !== 404;
  }

  override async close(): Promise<void> {
    await Promise.all([super.close(), this.#own.close(), this.#closeLogin()]);
  }
}

/** The request is understood and refused as it is: not for who asks, nor for its time, nor because the tag is locked. */
const isRefusal = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'REGISTRY_REFUSED' && (error.status ?? 500) < 500;
