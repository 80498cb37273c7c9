import { describe, expect, it } from '@jest/globals';
import { digestOfBytes, parseRegistryName, parseRepositoryName, parseTagName } from '#domain';
import { LimitedRegistryClients } from './limit-requests.js';
import { canListRepositories, canRestoreTags, type RegistryClient, RegistryClients } from './ports/registry-client.js';

const [repository, tag] = [parseRepositoryName('team/app'), parseTagName('v1')];
const names = async function* () {
  yield* ['a', 'b'];
};

class One extends RegistryClients {
  constructor(private readonly client: object) {
    super();
  }
  override get = () => this.client as RegistryClient;
}

describe('A limited client', () => {
  it('sends so many requests at a time, each in its turn', async () => {
    let [open, most, turns] = [0, 0, 0];
    const findManifestHead = async () => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return null;
    };
    const turn = async () => {
      turns += 1;
    };
    const client = new LimitedRegistryClients(new One({ findManifestHead }), () => ({ atATime: 3, turn })).get(
      parseRegistryName('local'),
    );
    await Promise.all(Array.from({ length: 20 }, () => client.findManifestHead(repository, tag)));
    expect([most, turns]).toEqual([3, 20]);
  });

  it.each([true, false])('can list repositories where the registry can: %s', async (can) => {
    const client = new LimitedRegistryClients(new One(can ? { listRepositories: names } : {}), 1).get(
      parseRegistryName('local'),
    );
    expect(canListRepositories(client)).toBe(can);
    const listed: string[] = [];
    if (canListRepositories(client)) for await (const name of client.listRepositories()) listed.push(name);
    expect(listed).toEqual(can ? ['a', 'b'] : []);
  });

  it('has the other powers of the registry, limited as well, and no more', async () => {
    let turns = 0;
    const restored: unknown[] = [];
    const own = { restoreTag: async (...asked: unknown[]) => restored.push(asked) > 0 };
    const turn = async () => {
      turns += 1;
    };
    const limits = () => ({ atATime: 1, turn });
    const client = new LimitedRegistryClients(new One(own), limits).get(parseRegistryName('local'));
    expect(canListRepositories(client)).toBe(false);
    const digest = digestOfBytes(Buffer.from('one'));
    expect(canRestoreTags(client) && (await client.restoreTag(repository, tag, digest))).toBe(true);
    expect([restored, turns]).toEqual([[[repository, tag, digest]], 1]);
  });

  it('is another one, with limits anew, when the registry has another client', () => {
    const [first, second] = [{}, {}];
    let client = first;
    class Changing extends RegistryClients {
      override get = () => client as RegistryClient;
    }
    let asked = 0;
    const clients = new LimitedRegistryClients(new Changing(), () => {
      asked += 1;
      return { atATime: 1 };
    });
    const local = parseRegistryName('local');
    const before = clients.get(local);
    expect(clients.get(local)).toBe(before);
    client = second;
    expect(clients.get(local)).not.toBe(before);
    expect(asked).toBe(2);
  });
});
