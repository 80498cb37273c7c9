import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deriveSecretKey } from '#persistence';
import { Secret } from '../configuration/index.js';
import { FileKeyring } from './secret-keyring.js';

describe('The key that seals stored credentials', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tagwarden-keyring-'));
  });
  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const keyring = (configured: Secret | null = null, mayGenerate = true) =>
    new FileKeyring({ configured, dataDir, mayGenerate });

  it('is made when something is sealed, not before, and is the same ever after', async () => {
    expect(await keyring().find()).toBeNull();
    expect(await readdir(dataDir)).toEqual([]);
    const made = await keyring().get();
    expect(await keyring().find()).toEqual(made);
    expect(await keyring().get()).toEqual(made);
    expect((await stat(join(dataDir, 'secret-key'))).mode & 0o777).toBe(0o600);
  });

  it('is one, also where two make it at once', async () => {
    const keys = await Promise.all([keyring(), keyring(), keyring()].map((each) => each.get()));
    expect(new Set(keys.map(({ id }) => id)).size).toBe(1);
    expect(await readdir(dataDir)).toEqual(['secret-key']);
  });

  it('is the configured one, which is written nowhere', async () => {
    expect(await keyring(new Secret('a passphrase of some length')).get()).toEqual(
      deriveSecretKey('a passphrase of some length'),
    );
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('is made only where all apps would have it', async () => {
    await expect(keyring(null, false).get()).rejects.toMatchObject({
      code: 'SECRET_KEY_MISSING',
      message: expect.stringContaining('TAGWARDEN_SECRET_KEY'),
    });
  });
});
