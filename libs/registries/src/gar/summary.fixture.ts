import { byIdentity, EXPECTED } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { gar } from './adapter.js';

const GOOGLE = byIdentity(
  'an OpenID Connect token of the push subscription’s account',
  (email) => ({ iss: 'https://accounts.google.com', aud: 'https://tagwarden', email, email_verified: true }),
  { audience: 'https://tagwarden', pushServiceAccount: EXPECTED },
);

export const ROWS: readonly Row[] = [
  {
    source: 'Google Artifact Registry',
    adapter: gar,
    push: ['push', 'pushed my-project/images/team/app:v1@f20c4316'],
    deletions: [
      ['delete-tag', 'tagDeleted my-project/images/team/app:v1'],
      ['delete-manifest', 'manifestDeleted my-project/images/team/app@f20c4316'],
    ],
    actor: ['push', null],
    proof: GOOGLE,
    id: '1234567890',
  },
];
