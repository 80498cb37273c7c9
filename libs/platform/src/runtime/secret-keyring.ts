import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '#domain';
import { deriveSecretKey, type SecretKey, type SecretKeyring } from '#persistence';
import type { Secret } from '../configuration/index.js';

const FILE = 'secret-key';

/** `SECRET_KEY_MISSING`: nothing that all apps know could seal a secret. */
class SecretKeyMissingError extends DomainError {
  constructor() {
    super(
      'SECRET_KEY_MISSING',
      'Credentials cannot be stored yet: set TAGWARDEN_SECRET_KEY, the same for every app ("openssl rand -base64 32" prints one), and start again.',
    );
  }
}

export type KeyringOptions = {
  readonly configured: Secret | null;
  readonly dataDir: string;
  /** Only where all apps share one process: elsewhere the others could not read what is sealed with it. */
  readonly mayGenerate: boolean;
};

/** The configured key, else the one in the data folder, which is made when something is sealed for the first time. */
export class FileKeyring implements SecretKeyring {
  private known: SecretKey | null = null;

  constructor(private readonly options: KeyringOptions) {}

  async find(): Promise<SecretKey | null> {
    if (this.known !== null) return this.known;
    const text = this.options.configured?.reveal() ?? (await readKey(this.path));
    this.known = text === null ? null : deriveSecretKey(text);
    return this.known;
  }

  async get(): Promise<SecretKey> {
    const found = await this.find();
    if (found !== null) return found;
    if (!this.options.mayGenerate) throw new SecretKeyMissingError();
    await writeKey(this.options.dataDir, this.path);
    return this.get();
  }

  private get path(): string {
    return join(this.options.dataDir, FILE);
  }
}

async function readKey(path: string): Promise<string | null> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all, and never over another's: what was sealed with that one would be lost. */
async function writeKey(folder: string, path: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
