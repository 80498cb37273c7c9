import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Log, StoredRegistry } from '#application';
import { loadOneRegistry } from '../configuration/index.js';
import { CurrentRegistries } from './current-registries.js';

const KINDS = [{ kind: 'zot' }, { kind: 'harbor' }];
const FILE = loadOneRegistry({ name: 'local', kind: 'zot', url: 'http://local', webhook: { token: 't' } }, KINDS);

const stored = (name: string, version = '1', over: Partial<StoredRegistry> = {}): StoredRegistry => ({
  name,
  version,
  definition: { kind: 'harbor', url: `https://${name}.example.com` },
  secrets: { type: 'opened', values: { 'webhook.token': 'a token' } },
  ...over,
});

describe('The current registries', () => {
  let rows: StoredRegistry[];
  let said: string[];
  let registries: CurrentRegistries;
  let changes: number;
  beforeEach(() => {
    [rows, said, changes] = [[], [], 0];
    const tell = (message: string) => void said.push(message);
    const log: Log = { debug: tell, info: tell, warn: tell, error: tell };
    registries = new CurrentRegistries([FILE], KINDS, { list: async () => rows }, log);
    registries.onChange(() => {
      changes += 1;
    });
  });
  const refreshed = async (next: StoredRegistry[]) => {
    rows = next;
    await registries.refresh();
  };

  it('given none stored, are those of the file, and nobody is woken', async () => {
    const before = registries.list();
    await refreshed([]);
    expect(registries.list()).toBe(before);
    expect(registries.find('local')).toBe(FILE);
    expect([registries.isOfFile('local'), changes]).toEqual([true, 0]);
  });

  it('given one that was stored, when looked at again, are the same object until it changes', async () => {
    await refreshed([stored('edge')]);
    const edge = registries.find('edge');
    expect(edge).toMatchObject({ name: 'edge', kind: 'harbor', url: 'https://edge.example.com' });
    expect(edge?.webhook.token?.reveal()).toBe('a token');
    await refreshed([stored('edge')]);
    expect([registries.find('edge') === edge, changes]).toEqual([true, 1]);
    await refreshed([stored('edge', '2'), stored('other')]);
    expect([registries.find('edge') === edge, changes]).toEqual([false, 2]);
    expect(registries.names()).toEqual(['local', 'edge', 'other']);
    await refreshed([stored('other')]);
    expect([registries.find('edge'), registries.names()]).toEqual([null, ['local', 'other']]);
  });

  it('given a name that the file declares as well, are what the file says', async () => {
    await refreshed([stored('local')]);
    expect(registries.list()).toEqual([FILE]);
    expect([registries.definitionOf('local'), changes]).toEqual([null, 0]);
  });

  it.each([
    ['secrets that do not open', { secrets: { type: 'unreadable', reason: 'sealed otherwise' } }, 'sealed otherwise'],
    ['a kind that is gone', { definition: { kind: 'gone', url: 'https://a' } }, 'no such kind'],
    ['a key that names a file', { definition: { kind: 'zot', url: 'https://a', tls: { caFile: '/x' } } }, 'tls.caFile'],
  ] as const)('given one with %s, leave it out, say so once, and have the others', async (_, over, sentence) => {
    await refreshed([stored('bad', '1', over as Partial<StoredRegistry>), stored('good')]);
    await refreshed([stored('bad', '1', over as Partial<StoredRegistry>), stored('good')]);
    expect(registries.names()).toEqual(['local', 'good']);
    expect(registries.unreadable()).toEqual([
      expect.objectContaining({ name: 'bad', reason: expect.stringContaining(sentence) }),
    ]);
    expect(said).toEqual([expect.stringContaining(sentence)]);
  });

  it('given a database that is away, are those known', async () => {
    await refreshed([stored('edge')]);
    const failing = new CurrentRegistries(
      [FILE],
      KINDS,
      { list: () => Promise.reject(new Error('away')) },
      {
        debug() {},
        info() {},
        error() {},
        warn: (message) => void said.push(message),
      },
    );
    let wake = () => {};
    const stop = failing.start((given) => {
      wake = given;
      return () => undefined;
    });
    wake();
    await expect(failing.refresh()).rejects.toThrow('away');
    expect(said).toEqual([expect.stringContaining('away')]);
    expect(failing.list()).toEqual([FILE]);
    stop();
  });
});
