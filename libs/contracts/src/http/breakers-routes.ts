import { BreakersQuery } from './breakers.js';
import { IdParameters } from './query-fields.js';
import type { HttpRoute } from './routes.js';

export const BREAKER_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/breakers',
    operationId: 'listBreakers',
    summary: 'Tripped fight breakers, newest first',
    description:
      'Another writer kept changing these tags. Nothing is put back there by itself until the breaker is reset.',
    query: BreakersQuery,
    answers: { 200: { description: 'A page of tripped breakers.', schema: 'BreakerPage' } },
  },
  {
    method: 'post',
    path: '/api/v1/breakers/{id}/reset',
    operationId: 'resetBreaker',
    summary: 'Resets a fight breaker',
    description: "The tag's open violations are enforced again; its restorations are counted from here on.",
    parameters: IdParameters,
    body: 'BreakerReset',
    answers: { 200: { description: 'The breaker, reset.', schema: 'Breaker' } },
    problems: [404],
  },
];
