import { lookup } from 'node:dns/promises';
import { RegistryError } from '#application';
import { DomainError } from '#domain';
import {
  clientOptionsOf,
  isMetadataAddress,
  type RegistryConfiguration,
  RegistryInvalidError,
  VERSION,
} from '#platform';
import { getAdapter } from '#registries';

/** A person waits for the answer. */
const MOST_PATIENT_MS = 10_000;

/** `REGISTRY_CREDENTIALS_REFUSED`: the registry answers, and does not take them. */
class CredentialsRefusedError extends DomainError {
  constructor(cause: RegistryError) {
    super('REGISTRY_CREDENTIALS_REFUSED', `${cause.message} ${SAVED_ALL_THE_SAME}`, { cause });
  }
}

/** `REGISTRY_CHECK_FAILED`: it does not answer, or not as a registry does. */
class RegistryCheckFailedError extends DomainError {
  constructor(cause: RegistryError) {
    super('REGISTRY_CHECK_FAILED', `${cause.message} ${SAVED_ALL_THE_SAME}`, { cause });
  }
}

const SAVED_ALL_THE_SAME = 'Nothing was saved; with check=false it would be.';

/** What must be so before a registry is saved. `ask`: whether it is asked for `GET /v2/` with its credentials. */
export async function checkRegistry(registry: RegistryConfiguration, ask: boolean): Promise<void> {
  await refuseMetadataNames(registry);
  const options = clientOptionsOf(registry);
  const timeoutMs = Math.min(registry.timeoutMs, MOST_PATIENT_MS);
  const settings = { version: VERSION, retry: { attempts: 1 } };
  const client = getAdapter(registry.kind).createClient({ ...options, timeoutMs }, settings);
  try {
    if (ask) await client.check();
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    throw error.code === 'REGISTRY_DENIED' ? new CredentialsRefusedError(error) : new RegistryCheckFailedError(error);
  } finally {
    await client.close();
  }
}

/** Names that resolve to where a cloud gives machines their credentials. One that resolves to nothing yet may still be saved. */
async function refuseMetadataNames({ url, options }: RegistryConfiguration): Promise<void> {
  for (const [path, text] of [['url', url] as const, ...Object.entries(options)]) {
    if (!/^https?:/.test(text) || !URL.canParse(text)) continue;
    const found = await lookup(new URL(text).hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => []);
    if (!found.some(({ address }) => isMetadataAddress(address))) continue;
    const message =
      'Its name leads to an address where a cloud tells this machine its credentials. Only the configuration file may name it.';
    throw new RegistryInvalidError([{ path, message }]);
  }
}
