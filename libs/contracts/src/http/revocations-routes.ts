import { RevocationParameters, RevocationsQuery } from './revocations.js';
import type { HttpRoute } from './routes.js';

export const REVOCATION_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/revocations',
    operationId: 'listRevocations',
    summary: 'Digests that are never put back, newest first',
    query: RevocationsQuery,
    answers: { 200: { description: 'A page of revoked digests.', schema: 'RevocationPage' } },
  },
  {
    method: 'post',
    path: '/api/v1/revocations',
    operationId: 'revokeDigest',
    summary: 'Revokes a digest',
    description:
      'It is never put back, by itself or by hand, nor accepted as a seal; so is every index that lists it, as far as the vault knows. Violations ' +
      'of tags that are sealed at it fail. A tag that points at it already is left as it is.',
    body: 'RevocationRequest',
    answers: { 201: { description: 'The revocation.', schema: 'Revocation' } },
    problems: [409],
  },
  {
    method: 'delete',
    path: '/api/v1/revocations/{digest}',
    operationId: 'reinstateDigest',
    summary: 'Takes a revocation back',
    description: 'Tags whose restoration was refused for it are looked at again.',
    parameters: RevocationParameters,
    body: 'Reinstatement',
    answers: { 200: { description: 'What the revocation was.', schema: 'Revocation' } },
    problems: [404],
  },
];
