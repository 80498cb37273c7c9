import { describe, expect, it } from '@jest/globals';
import { parseInstant, parseRepositoryName } from '#domain';
import { CurrentRegistries, loadOneRegistry } from '#platform';
import { KNOWN_KINDS } from '#registries';
import { registryViewOf, type ShownRegistry, shownRegistries } from './registry-view.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const plain = loadOneRegistry(
  { name: 'local', kind: 'distribution', url: 'http://r', webhook: { token: 'a secret' } },
  KNOWN_KINDS,
);
const canary = { everyMs: 3_600_000, repository: parseRepositoryName('tagwarden/canary') };
const shownOf = (registry: typeof plain): ShownRegistry => {
  const [shown] = shownRegistries(new CurrentRegistries([registry], KNOWN_KINDS, null, silent));
  if (!shown) throw new Error('unreachable');
  return shown;
};
const at = parseInstant('2026-08-20T09:14:03Z');

describe('A registry is shown', () => {
  it('with neither canary nor deafness where there are none', () => {
    expect(registryViewOf(shownOf(plain))).toMatchObject({ canary: null, deaf: null });
  });

  it('with its canary before it has run, and with its last run', () => {
    const shown = shownOf({ ...plain, canary });
    const settings = { every: '3600s', repository: 'tagwarden/canary' };
    expect(registryViewOf(shown).canary).toEqual({ ...settings, lastRun: null });
    const lastRun = { at, outcome: 'ok', detectSeconds: 0.2, restoreSeconds: 1.5, sentence: 'All is well.' } as const;
    expect(registryViewOf(shown, { lastRun }).canary).toEqual({ ...settings, lastRun });
  });

  it('as deaf, with what the sweep found', () => {
    const deaf = { since: at, sentence: 'Nothing was heard.' };
    expect(registryViewOf(shownOf(plain), { deaf }).deaf).toEqual(deaf);
  });
});
