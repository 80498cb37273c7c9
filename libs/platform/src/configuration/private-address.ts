import ipaddr from 'ipaddr.js';

/**
 * Whether a URL's host is this machine or a private network by its text alone: `localhost`, or an address that is not a
 * public one. `URL` has already written `0x7f.1` and its like as 127.0.0.1. What a name resolves to is checked when sending.
 */
export function isPrivateHost(url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  return ipaddr.isValid(host) && ipaddr.process(host).range() !== 'unicast';
}
