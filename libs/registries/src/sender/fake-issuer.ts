import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { PublicDocuments } from '../adapter.js';

/** An issuer of identity tokens, for a test, and its published keys at whatever address they are asked for. */
export class FakeIssuer implements PublicDocuments {
  /** The addresses that keys were asked for at. */
  readonly asked: string[] = [];
  readonly #key: CryptoKey;
  readonly #published: string;

  private constructor(key: CryptoKey, published: string) {
    this.#key = key;
    this.#published = published;
  }

  static async create(): Promise<FakeIssuer> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const key = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: 'RS256', use: 'sig' };
    return new FakeIssuer(privateKey, JSON.stringify({ keys: [key] }));
  }

  /** `undefined` leaves a claim out. */
  async token(claims: Readonly<Record<string, unknown>>, header: Record<string, unknown> = {}): Promise<string> {
    return new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'key-1', ...header }).sign(this.#key);
  }

  async fetchText(url: URL): Promise<string> {
    this.asked.push(url.href);
    return this.#published;
  }
}

/** As no issuer signs. */
export function unsigned(claims: object): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none' })}.${encode(claims)}.`;
}
