import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { getAdapter, REGISTRY_KINDS } from './catalog.js';

describe('catalog', () => {
  it('lists exactly the folders on disk that have an adapter, by name', () => {
    const entries = readdirSync(new URL('.', import.meta.url), { withFileTypes: true });
    const folders = entries
      .filter((entry) => entry.isDirectory() && existsSync(new URL(`./${entry.name}/adapter.ts`, import.meta.url)))
      .map((entry) => entry.name);
    expect(REGISTRY_KINDS).toEqual(folders.sort());
  });

  it('names the known kinds when asked for another', () => {
    expect(() => getAdapter('harbour')).toThrow(`"harbour"; use one of: ${REGISTRY_KINDS.join(', ')}.`);
  });
});
