import { describe, expect, it } from '@jest/globals';
import { parseRegistryName } from '#domain';
import { createRegistryClients } from './create-registry-clients.js';

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
