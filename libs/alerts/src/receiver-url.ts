import { ChannelConfigError } from './channel-config.errors.js';
import type { ChannelConfig } from './channel-config.js';
import { isPrivateLiteral } from './public-address.js';

const LOCAL_NAME = /(?:^|\.)localhost\.?$/;

/** The URL of a receiver. What is plainly private is refused at start; what only DNS can tell, when the alert is sent. */
export function parseReceiverUrl({ name, url: text, allowPrivate = false }: ChannelConfig): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new ChannelConfigError(name, 'its url must be an http:// or https:// URL.');
  }
  if (url.username || url.password) {
    throw new ChannelConfigError(name, 'its url must not carry a user name or password: they would not be sent.');
  }
  if (!allowPrivate && (isPrivateLiteral(url.hostname) || LOCAL_NAME.test(url.hostname))) {
    throw new ChannelConfigError(
      name,
      `${url.origin} is a private address; if alerts are meant to go there, set allowPrivate: true on the channel.`,
    );
  }
  return url;
}
