import type { PublicDocuments, Sender, SenderProof, SenderVerdict } from '../adapter.js';
import { findBearer, findIdentity } from '../sender/identity-token.js';
import { isEqual } from '../sender/sender-token.js';

/** By the token that Pub/Sub sends along; the kind's options say whose. */
export const sender: SenderProof = { secrets: [], needsBody: false };

const KEYS = new URL('https://www.googleapis.com/oauth2/v3/certs');
const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** Anybody can have a token of Google's for any audience: it is the account that makes it ours. */
export async function authenticateSender(given: Sender, documents: PublicDocuments): Promise<SenderVerdict> {
  const { audience = '', pushServiceAccount = '' } = given.options ?? {};
  const token = findBearer(given);
  if (token === null || given.receivedAt === undefined || audience === '' || pushServiceAccount === '')
    return 'refused';
  const demand = { keys: KEYS, issuers: ISSUERS, audience, receivedAt: given.receivedAt };
  const identity = await findIdentity(token, demand, documents);
  const isOurs = typeof identity?.email === 'string' && isEqual(identity.email, pushServiceAccount);
  return isOurs && identity.email_verified === true ? 'ok' : 'refused';
}
