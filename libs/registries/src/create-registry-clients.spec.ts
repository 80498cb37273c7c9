import { describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { createRegistryClients, FollowingRegistryClients } from './create-registry-clients.js';

const [local, other] = [parseRegistryName('local'), parseRegistryName('other')];
const url = 'http://127.0.0.1:5000';

describe('createRegistryClients', () => {
  it('has one client a registry, and says so where there is none', async () => {
    const clients = createRegistryClients([{ name: local, kind: 'distribution', url }]);
    expect(clients.get(local)).toBe(clients.get(local));
    expect(() => clients.get(other)).toThrow(expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }));
    await clients.close();
  });

  it.each([
    [{ name: local, kind: 'harbour', url }, 'REGISTRY_KIND_UNKNOWN'],
    [{ name: local, kind: 'zot', url: 'registry.example.com' }, 'REGISTRY_MISCONFIGURED'],
    [{ name: local, kind: 'zot', url: 'ftp://registry.example.com' }, 'REGISTRY_MISCONFIGURED'],
  ])('refuses %j with %s', (options, code) => {
    expect(() => createRegistryClients([options])).toThrow(expect.objectContaining({ code }));
  });
});

describe('FollowingRegistryClients', () => {
  const options = { name: local, kind: 'distribution', url };

  it('keeps the client of a registry that stays as it is', async () => {
    const clients = new FollowingRegistryClients();
    clients.follow([options]);
    const before = clients.get(local);
    clients.follow([{ ...options, name: other }, options]);
    expect(clients.get(local)).toBe(before);
    expect(clients.get(other)).not.toBe(before);
    await clients.close();
  });

  it('has another client for one that has changed, and none for one that is gone', async () => {
    const clients = new FollowingRegistryClients();
    clients.follow([options]);
    const before = clients.get(local);
    clients.follow([{ ...options, url: 'http://127.0.0.1:5001' }]);
    expect(clients.get(local)).not.toBe(before);
    clients.follow([]);
    expect(() => clients.get(local)).toThrow(expect.objectContaining({ code: 'REGISTRY_UNKNOWN' }));
    await clients.close();
  });

  it('has the others also where one is refused, which says why to whoever asks for it', async () => {
    const clients = new FollowingRegistryClients();
    const refused = { name: other, kind: 'zot', url: 'ftp://registry.example.com' };
    const misconfigured = expect.objectContaining({ code: 'REGISTRY_MISCONFIGURED' });
    expect(clients.follow([refused, options])).toEqual([misconfigured]);
    expect(clients.get(local)).toBeDefined();
    expect(() => clients.get(other)).toThrow(misconfigured);
    expect(clients.follow([refused, options])).toEqual([]);
    await clients.close();
  });
});
