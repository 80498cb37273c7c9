import { DomainError } from '#domain';
import type { RegistryClientOptions } from '../adapter.js';

/** Throws `REGISTRY_MISCONFIGURED` unless the text is an http(s) URL, and https where the registry's own is. */
export function serviceUrl({ name, url }: RegistryClientOptions, key: string, text: string): URL {
  const service = URL.canParse(text) ? new URL(text) : null;
  const allowed = url.startsWith('https:') ? ['https:'] : ['https:', 'http:'];
  if (service !== null && allowed.includes(service.protocol) && service.username === '') return service;
  throw misconfigured(name, `${key} must be an https URL without credentials in it.`);
}

export const misconfigured = (registry: string, what: string): DomainError =>
  new DomainError('REGISTRY_MISCONFIGURED', `Registry "${registry}": ${what}`);
