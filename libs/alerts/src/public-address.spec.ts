import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from '@jest/globals';
import { isPrivateLiteral, isPublicAddress, PrivateAddressError, publicOnlyLookup } from './public-address.js';

describe('isPublicAddress', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    'takes %s',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  it.each([
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.1.1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['0.0.0.0', 'this host'],
    ['0.1.2.3', 'this network'],
    ['169.254.169.254', 'link-local, metadata of most clouds'],
    ['100.64.0.1', 'CGNAT'],
    ['100.100.100.200', 'metadata of Alibaba Cloud'],
    ['168.63.129.16', 'wire server of Azure'],
    ['192.0.0.192', 'metadata of Oracle Cloud'],
    ['224.0.0.1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['198.18.0.1', 'benchmarking'],
    ['240.0.0.1', 'reserved'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'mapped loopback'],
    ['::ffff:a00:1', 'mapped private'],
    ['::7f00:1', 'IPv4-compatible loopback'],
    ['fe80::1', 'link-local'],
    ['fe80::1%eth0', 'link-local with a zone'],
    ['fec0::1', 'site-local'],
    ['fc00::1', 'unique-local'],
    ['fd00:ec2::254', 'metadata of AWS'],
    ['ff02::1', 'multicast'],
    ['64:ff9b::7f00:1', 'NAT64 of loopback'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['2002:7f00:1::', '6to4 of loopback'],
    ['2001::1', 'Teredo'],
    ['2001:db8::1', 'documentation'],
    ['not an address', 'nothing known'],
    ['', 'nothing'],
  ])('refuses %s (%s)', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('isPrivateLiteral', () => {
  it.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://0/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
    'http://１２７.0.0.1/',
  ])('sees through %s', (url) => expect(isPrivateLiteral(new URL(url).hostname)).toBe(true));

  it.each(['http://8.8.8.8/', 'http://[2606:4700::1111]/', 'http://hooks.slack.com/'])('lets %s pass', (url) =>
    expect(isPrivateLiteral(new URL(url).hostname)).toBe(false),
  );
});

describe('publicOnlyLookup', () => {
  const lookUp = (addresses: LookupAddress[], all: boolean) =>
    new Promise((resolve, reject) => {
      publicOnlyLookup(async () => addresses)('hooks.example', { all }, (error, address, family) =>
        error ? reject(error) : resolve([address, family]),
      );
    });
  const PUBLIC = { address: '8.8.8.8', family: 4 };

  it('hands over what it has checked', async () => {
    await expect(lookUp([PUBLIC], true)).resolves.toEqual([[PUBLIC], undefined]);
    await expect(lookUp([PUBLIC], false)).resolves.toEqual(['8.8.8.8', 4]);
  });

  it('refuses a name with one private address among public ones', async () => {
    await expect(lookUp([PUBLIC, { address: '10.0.0.1', family: 4 }], true)).rejects.toThrow(PrivateAddressError);
  });

  it('refuses a name without addresses', async () => {
    await expect(lookUp([], true)).rejects.toThrow('no address');
  });
});
