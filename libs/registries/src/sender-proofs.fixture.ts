import { createHmac } from 'node:crypto';
import { epochMsOf } from '#domain';
import type { PublicDocuments, Sender } from './adapter.js';
import { type Delivery, RECEIVED_AT } from './adapter-contract.js';
import { FakeIssuer } from './sender/fake-issuer.js';

/** What a sender shows, and where it is looked up. */
export type Shown = { readonly sender: Partial<Sender>; readonly documents?: PublicDocuments };

/** How a source's senders prove themselves. */
export type Proof = {
  readonly by: string;
  /** What a sender shows who knows this secret, or is called so, of somebody who expects `EXPECTED`. */
  show(delivery: Delivery, known: string): Promise<Shown>;
  /** The same without any proof. Default: no headers, and nothing in the address. */
  readonly strip?: (sender: Partial<Sender>) => Partial<Sender>;
};

export const EXPECTED = 'geheim-4711';

const bytesOf = ({ body }: Delivery): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

/** A token that stays the same, in a header as the source can write it. */
export const byHeader = (write: (token: string) => string): Proof => ({
  by: `a header, as ${write('<token>')}`,
  show: async (_, known) => ({ sender: { headers: { authorization: write(known) }, secrets: { token: EXPECTED } } }),
});

export const byBearer = byHeader((token) => `Bearer ${token}`);

/** For sources that can send no header. */
export const byAddress: Proof = {
  by: 'a token in the address',
  show: async (_, token) => ({ sender: { query: { token }, secrets: { token: EXPECTED } } }),
};

export const bySignature = (header: string, algorithm: 'sha256' | 'sha1', prefix = ''): Proof => ({
  by: `HMAC-${algorithm} in ${header}`,
  show: async (delivery, known) => {
    const body = bytesOf(delivery);
    const signature = `${prefix}${createHmac(algorithm, known).update(body).digest('hex')}`;
    return { sender: { headers: { [header]: signature }, body, secrets: { secret: EXPECTED } } };
  },
});

/** A token of an issuer of identities, in which `claims` name who it is for. */
export const byIdentity = (
  by: string,
  claims: (known: string) => Record<string, unknown>,
  options: Record<string, string>,
): Proof => {
  const issuer = FakeIssuer.create();
  return {
    by,
    show: async (_, known) => {
      const now = epochMsOf(RECEIVED_AT) / 1000;
      const token = await (await issuer).token({ iat: now - 10, exp: now + 3600, ...claims(known) });
      return { sender: { headers: { authorization: `Bearer ${token}` }, options }, documents: await issuer };
    },
  };
};
