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

/** Where clouds tell a machine its credentials, beside the link-local ranges. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(['fd00:ec2::254', '100.100.100.200', '168.63.129.16']);

/** Whether an address, written out, is a link-local one (169.254.0.0/16, fe80::/10) or another that tells a machine its credentials. */
export function isMetadataAddress(text: string): boolean {
  const address = text.replace(/^\[|\]$/g, '').replace(/\.$/, '');
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.range() === 'linkLocal' || METADATA_ADDRESSES.has(parsed.toString());
}
