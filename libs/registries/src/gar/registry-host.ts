import type { Notification } from '../adapter.js';

const LOCATED = /^([a-z0-9-]+)-docker\.pkg\.dev$/;
const OWN = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/;

/** The host that notifications must name; null where the registry is reached by a name that is not the vendor's. */
export function registryHostOf({ url, options = {} }: Pick<Notification, 'url' | 'options'>): string | null {
  if (options.host !== undefined) return options.host;
  const host = hostOf(url);
  return OWN.test(host) ? host : null;
}

/** Where the registry's repositories are, as the API names it; null where the host does not say. */
export function findLocation({ url, options = {} }: Pick<Notification, 'url' | 'options'>): string | null {
  return LOCATED.exec(options.host ?? hostOf(url))?.[1] ?? null;
}

const hostOf = (url: string | undefined): string =>
  url !== undefined && URL.canParse(url) ? new URL(url).hostname : '';
