import { lookup as resolve } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** A name as the system resolves it, all addresses. */
export type ResolveHost = (
  hostname: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** The receiver lives where an alert must not go by itself: this machine, its network, the cloud's metadata service. */
export class PrivateAddressError extends Error {
  constructor(readonly address: string) {
    super(`${address} is not a public address`);
    this.name = 'PrivateAddressError';
  }
}

/** Public by its range, and yet the host's own agent and metadata endpoint on Azure. */
const AZURE_WIRE_SERVER = '168.63.129.16';
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** Whether an IP address is reached over the public Internet. What is not known to be public is not. */
export function isPublicAddress(text: string): boolean {
  if (!isIP(text)) return false;
  const address = ipaddr.process(text); // Unwraps ::ffff:a.b.c.d.
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast' && address.toString() !== AZURE_WIRE_SERVER;
  // A network with DNS64 gives every IPv4 host such an address: the one inside decides.
  if (address.match(NAT64)) return isPublicAddress(address.toByteArray().slice(12).join('.'));
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST);
}

/**
 * Resolves for `net.connect`, which then connects to exactly the addresses that were checked here: a name can't be public when asked
 * and private when used. One private address among public ones refuses the name. Literal addresses never come here: see `isPrivateLiteral`.
 */
export function publicOnlyLookup(
  resolveHost: ResolveHost = (hostname) => resolve(hostname, { all: true }),
): LookupFunction {
  return (hostname, options, callback) => {
    resolveHost(hostname).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !isPublicAddress(address));
        const [first] = addresses;
        if (refused) callback(new PrivateAddressError(refused.address), '', 0);
        else if (!first) callback(new Error('the name has no address'), '', 0);
        else if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

/** Whether a URL's host is an address, rather than a name, and not a public one. */
export function isPrivateLiteral(hostname: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(host) !== 0 && !isPublicAddress(host);
}
