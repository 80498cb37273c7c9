import { RegistryError } from '#application';
import type { RegistryClientOptions, RotatingLogin } from '../adapter.js';
import { rotatingLogin } from '../vendor-api/rotating-login.js';
import type { EcrApi } from './api.js';
import { AuthorizationToken } from './schema.js';

/** The registry's password, which holds for twelve hours, or as long as the credentials that it is made from. */
export function ecrLogin({ name, timeoutMs }: RegistryClientOptions, api: EcrApi): RotatingLogin {
  const fetch = async (signal: AbortSignal) => {
    const { authorizationData } = await api.callOnce('GetAuthorizationToken', {}, AuthorizationToken, signal);
    const [data] = authorizationData;
    const [username, password] = credentialsOf(data?.authorizationToken ?? '');
    if (username === '' || password === '') {
      throw new RegistryError('REGISTRY_BAD_ANSWER', `Registry "${name}": ECR sent a token that holds no password.`);
    }
    const expiresAt = Math.min((data?.expiresAt ?? 0) * 1000, await api.credentialsExpireAt(signal));
    return { username, password, expiresAt };
  };
  return rotatingLogin({ registry: name, fetch, secrets: () => api.secrets, timeoutMs });
}

function credentialsOf(token: string): [string, string] {
  const text = Buffer.from(token, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? ['', ''] : [text.slice(0, colon), text.slice(colon + 1)];
}
