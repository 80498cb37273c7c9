import { byBearer, byIdentity, EXPECTED } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { acr } from './adapter.js';

const TENANT = '409520d4-8100-4d1d-ad47-72432ddcc120';

const ENTRA = byIdentity(
  'a token of Entra ID for Event Grid’s own application',
  (azp) => ({ iss: `https://login.microsoftonline.com/${TENANT}/v2.0`, aud: 'api://tagwarden', azp }),
  { tenantId: TENANT, eventGridAudience: 'api://tagwarden', eventGridAppId: EXPECTED },
);

export const ROWS: readonly Row[] = [
  {
    source: 'ACR, webhook',
    adapter: acr,
    push: ['push', 'pushed team/app:v1@f20c4316'],
    deletions: [
      ['delete-manifest', 'manifestDeleted team/app@f20c4316'],
      ['delete-repository', 'repositoryDeleted team/app'],
    ],
    actor: ['push', null, { userAgent: 'buildkit/v0.14' }],
    proof: byBearer,
    id: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5',
  },
  {
    source: 'ACR, Event Grid',
    adapter: acr,
    push: ['event-grid-push', 'pushed team/app:v1@f20c4316'],
    deletions: [['event-grid-delete', 'manifestDeleted team/app@f20c4316']],
    actor: ['event-grid-push', null],
    proof: ENTRA,
    id: '831e1650-001e-001b-66ab-eeb76e069631',
  },
];
