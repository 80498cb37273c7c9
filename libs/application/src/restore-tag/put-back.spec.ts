import { describe, expect, test } from '@jest/globals';
import { digestOfBytes, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { type RegistryClient, RegistryError } from '../ports/registry-client.js';
import type { KeptManifest } from '../ports/vault.js';
import { putBack } from './put-back.js';

const ref = {
  registry: parseRegistryName('local'),
  repository: parseRepositoryName('team/app'),
  tag: parseTagName('v1'),
};
const bytes = Buffer.from('{}');
const root: KeptManifest = { digest: digestOfBytes(bytes), mediaType: 'image', bytes, children: [], blobs: [] };
const tree = { root, manifests: [root] };

const refused = (code: 'REGISTRY_REFUSED' | 'REGISTRY_IMMUTABLE' | 'REGISTRY_UNREACHABLE') =>
  new RegistryError(code, 'Refused.', { retriable: code === 'REGISTRY_UNREACHABLE' });

/** A registry that refuses the PUT, and has its own way where `own` says what that comes to. */
function clientOf(refusal: Error | null, own?: () => Promise<boolean>) {
  const calls: string[] = [];
  const client = {
    putManifest: async () => {
      calls.push('put');
      if (refusal) throw refusal;
    },
    ...(own === undefined
      ? {}
      : {
          restoreTag: async (repository: string, tag: string, digest: string) => {
            calls.push(`restore ${repository}:${tag} to ${digest}`);
            return own();
          },
        }),
  };
  return { client: client as unknown as RegistryClient, calls };
}

const OWN_WAY = `restore team/app:v1 to ${root.digest}`;

describe('Putting a sealed manifest back', () => {
  test('is a PUT, and nothing else where that is taken', async () => {
    const { client, calls } = clientOf(null, async () => true);
    expect(await putBack(client, ref, tree)).toBe(0);
    expect(calls).toEqual(['put']);
  });

  test("falls back on the registry's own way where the PUT is refused", async () => {
    const { client, calls } = clientOf(refused('REGISTRY_REFUSED'), async () => true);
    expect(await putBack(client, ref, tree)).toBe(0);
    expect(calls).toEqual(['put', OWN_WAY]);
  });

  test.each(['REGISTRY_IMMUTABLE', 'REGISTRY_UNREACHABLE'] as const)('does not after %s', async (code) => {
    const { client, calls } = clientOf(refused(code), async () => true);
    await expect(putBack(client, ref, tree)).rejects.toMatchObject({ code });
    expect(calls).toEqual(['put']);
  });

  test('tells the first refusal where there is no other way, or it does not know the digest', async () => {
    for (const own of [undefined, async () => false]) {
      const { client } = clientOf(refused('REGISTRY_REFUSED'), own);
      await expect(putBack(client, ref, tree)).rejects.toThrow(/^Refused\.$/);
    }
  });

  test('tells both where the other way fails too, and is tried again where that may help', async () => {
    const { client } = clientOf(refused('REGISTRY_REFUSED'), async () => {
      throw new RegistryError('REGISTRY_BUSY', 'Come again.', { retriable: true });
    });
    await expect(putBack(client, ref, tree)).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
      retriable: true,
      message: expect.stringMatching(/^Refused\. .*Come again\.$/),
    });
  });
});
