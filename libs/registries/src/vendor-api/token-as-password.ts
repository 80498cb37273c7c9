import type { RegistryClientOptions } from '../adapter.js';

/**
 * For registries whose personal access tokens are passwords: at `/v2/` they go to the token service with any username, where sent as
 * `Bearer` they would be refused.
 */
export function withTokenAsPassword(options: RegistryClientOptions): RegistryClientOptions {
  const { token, username, ...rest } = options;
  return token === undefined ? options : { ...rest, username: username ?? 'tagwarden', password: token };
}
