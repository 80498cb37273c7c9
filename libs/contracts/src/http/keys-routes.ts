import { KeyParameters, KeysQuery } from './keys.js';
import type { HttpRoute } from './routes.js';

export const KEY_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/keys',
    operationId: 'listKeys',
    summary: 'The keys that open this API, by name',
    description: 'For admins. Never the keys themselves, which are stored as hashes.',
    query: KeysQuery,
    answers: { 200: { description: 'A page of keys.', schema: 'KeyPage' } },
    problems: [403],
  },
  {
    method: 'post',
    path: '/api/v1/keys',
    operationId: 'createKey',
    summary: 'Makes a key for one more person or program',
    description: 'For admins. The role is `operator` unless told.',
    body: 'NewKey',
    answers: { 201: { description: 'The key, shown this once.', schema: 'CreatedKey' } },
    problems: [403, 409],
  },
  {
    method: 'delete',
    path: '/api/v1/keys/{name}',
    operationId: 'deleteKey',
    summary: 'Deletes a key',
    description:
      'For admins. It opens nothing from then on; in other processes after 30 s at most. What was done with it stays in the audit trail. ' +
      'Neither the configured key nor the last one with the role admin can be deleted.',
    parameters: KeyParameters,
    answers: { 204: { description: 'It is deleted.' } },
    problems: [403, 404, 409],
  },
];
