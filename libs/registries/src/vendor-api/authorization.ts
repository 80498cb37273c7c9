import type { RegistryClientOptions } from '../adapter.js';

/**
 * The `Authorization` header for a vendor's API that knows the registry's accounts: with `apiToken`, else the registry's own token, else
 * its username and password; undefined where there are none.
 */
export function authorizationOf(
  { username = '', password, token, secretOptions }: RegistryClientOptions,
  scheme: 'Bearer' | 'token' = 'Bearer',
): string | undefined {
  const sent = secretOptions?.apiToken ?? token;
  if (sent !== undefined) return `${scheme} ${sent}`;
  if (password === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
