import { describe, expect, it } from '@jest/globals';
import { deriveSecretKey, openSecrets, type SealedSecrets, sealSecrets } from './secret-box.js';

const SECRETS = { password: 'correct horse', 'webhook.token': 'battery staple' };
const KEY = deriveSecretKey(Buffer.alloc(32, 7).toString('base64'));
const OTHER = deriveSecretKey(Buffer.alloc(32, 8).toString('base64'));

const refusalOf = (open: () => unknown): Error => {
  try {
    open();
  } catch (error) {
    return error as Error;
  }
  throw new Error('It was opened.');
};
const flipped = ({ keyId, box }: SealedSecrets, at: number): SealedSecrets => {
  const changed = Buffer.from(box);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return { keyId, box: changed };
};

describe('A box of secrets', () => {
  it('gives back what was sealed, and shows nothing of it', () => {
    const sealed = sealSecrets(KEY, 'local', SECRETS);
    expect(openSecrets(KEY, 'local', sealed)).toEqual(SECRETS);
    for (const secret of Object.values(SECRETS)) expect(sealed.box.includes(secret)).toBe(false);
  });

  it('is another one each time', () => {
    const [one, two] = [sealSecrets(KEY, 'local', SECRETS), sealSecrets(KEY, 'local', SECRETS)];
    expect(one.box.subarray(0, 12).equals(two.box.subarray(0, 12))).toBe(false);
    expect(one.box.equals(two.box)).toBe(false);
  });

  it.each([
    [
      'another key',
      () => openSecrets(OTHER, 'local', sealSecrets(KEY, 'local', SECRETS)),
      'another TAGWARDEN_SECRET_KEY',
    ],
    ['no key', () => openSecrets(null, 'local', sealSecrets(KEY, 'local', SECRETS)), 'Set TAGWARDEN_SECRET_KEY'],
  ])('is not opened with %s, and says what to do', (_, open, sentence) => {
    const error = refusalOf(open);
    expect(error).toMatchObject({ code: 'SECRETS_UNREADABLE' });
    expect(error.message).toContain('registry "local"');
    expect(error.message).toContain(sentence);
  });

  it('is of one registry: a row that was copied to another name does not open', () => {
    expect(refusalOf(() => openSecrets(KEY, 'other', sealSecrets(KEY, 'local', SECRETS))).message).toContain('changed');
  });

  it('is not opened under the id of another key', () => {
    const { box } = sealSecrets(KEY, 'local', SECRETS);
    const asOther = { id: OTHER.id, bytes: KEY.bytes };
    expect(refusalOf(() => openSecrets(asOther, 'local', { keyId: OTHER.id, box })).message).toContain('changed');
  });

  it.each([0, 11, 12, 27, 28, 40])('tells that byte %d was changed, without a word of what is in it', (at) => {
    const error = refusalOf(() => openSecrets(KEY, 'local', flipped(sealSecrets(KEY, 'local', SECRETS), at)));
    expect(error.message).toContain('changed or damaged');
    for (const secret of Object.values(SECRETS))
      expect(JSON.stringify([error.message, error.cause])).not.toContain(secret);
  });

  it.each([0, 5, 28])('tells that it was cut off after %d bytes', (length) => {
    const { keyId, box } = sealSecrets(KEY, 'local', SECRETS);
    const cut = { keyId, box: box.subarray(0, length) };
    expect(refusalOf(() => openSecrets(KEY, 'local', cut)).message).toContain('changed or damaged');
  });
});

describe('A secret key', () => {
  it('is the same bytes in base64 and in hex', () => {
    expect(deriveSecretKey(Buffer.alloc(32, 7).toString('hex'))).toEqual(KEY);
  });

  it('comes from a passphrase, the same in each process', () => {
    const key = deriveSecretKey('a passphrase of some length');
    expect(key).toEqual(deriveSecretKey('a passphrase of some length'));
    expect(key.id).not.toBe(deriveSecretKey('a passphrase of same length').id);
    expect(key.bytes).toHaveLength(32);
  });
});
