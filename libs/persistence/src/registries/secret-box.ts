import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scryptSync } from 'node:crypto';
import { DomainError } from '#domain';

/** What seals the secrets of stored registries. `id` tells keys apart and says nothing about them. */
export type SecretKey = { readonly id: string; readonly bytes: Buffer };

export type SealedSecrets = { readonly keyId: string; readonly box: Buffer };

/** `SECRETS_UNREADABLE`: sealed with another key, or changed since. */
export class SecretsUnreadableError extends DomainError {
  constructor(registry: string, why: string) {
    super('SECRETS_UNREADABLE', `The stored credentials of registry "${registry}" cannot be read: ${why}`);
  }
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** Each process must come to the same key from the same words, so the salt is no secret and never changes. */
const SALT = 'tagwarden/stored-credentials/1';
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };

/** From 32 bytes in hex or base64, or from a passphrase, which takes about 0.1 s. */
export function deriveSecretKey(text: string): SecretKey {
  const material = findKeyBytes(text) ?? scryptSync(text, SALT, KEY_BYTES, SCRYPT);
  return { id: derived(material, 'id', 8).toString('hex'), bytes: derived(material, 'seal', KEY_BYTES) };
}

/** AES-256-GCM. Only this registry's name and this key open the box again. */
export function sealSecrets(
  key: SecretKey,
  registry: string,
  secrets: Readonly<Record<string, string>>,
): SealedSecrets {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(labelOf(registry, key.id));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  return { keyId: key.id, box: Buffer.concat([nonce, cipher.getAuthTag(), sealed]) };
}

/** Throws `SECRETS_UNREADABLE`. */
export function openSecrets(
  key: SecretKey | null,
  registry: string,
  { keyId, box }: SealedSecrets,
): Readonly<Record<string, string>> {
  if (key === null) {
    const advice = 'Set TAGWARDEN_SECRET_KEY to the key that they were stored with.';
    throw new SecretsUnreadableError(registry, `this process has no key. ${advice}`);
  }
  if (key.id !== keyId) {
    const advice = 'Start with that key again, or send the registry and its secrets anew (PUT).';
    throw new SecretsUnreadableError(registry, `they were stored with another TAGWARDEN_SECRET_KEY. ${advice}`);
  }
  const text = findPlaintext(key, registry, box);
  if (text !== null) return JSON.parse(text) as Record<string, string>;
  const advice = 'Send the registry and its secrets anew (PUT), and find out who writes to the table.';
  throw new SecretsUnreadableError(
    registry,
    `TAGWARDEN_SECRET_KEY is the right one, and yet the row was changed or damaged. ${advice}`,
  );
}

function findPlaintext(key: SecretKey, registry: string, box: Buffer): string | null {
  try {
    const decipher = createDecipheriv(CIPHER, key.bytes, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(labelOf(registry, key.id));
    decipher.setAuthTag(box.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const sealed = box.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

const labelOf = (registry: string, keyId: string): Buffer => Buffer.from(JSON.stringify([SALT, keyId, registry]));

const derived = (material: Buffer, purpose: string, length: number): Buffer =>
  Buffer.from(hkdfSync('sha256', material, '', `${SALT}/${purpose}`, length));

function findKeyBytes(text: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  const isBase64 = /^[A-Za-z0-9+/_-]{43}=?$/.test(text);
  return isBase64 ? Buffer.from(text, 'base64') : null;
}
