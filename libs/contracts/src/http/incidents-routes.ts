import { IncidentsQuery } from './incidents.js';
import { IdParameters } from './query-fields.js';
import type { HttpRoute } from './routes.js';

const ONE_BY_ONE = 'Each violation goes its own way: `refused` names those for which it could not be done, and why.';
const outcome = (description: string) => ({ description, schema: 'IncidentOutcome' }) as const;

export const INCIDENT_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/incidents',
    operationId: 'listIncidents',
    summary: 'Violations that belong together, the newest incident first',
    query: IncidentsQuery,
    answers: { 200: { description: 'A page of incidents.', schema: 'IncidentPage' } },
  },
  {
    method: 'get',
    path: '/api/v1/incidents/{id}',
    operationId: 'getIncident',
    summary: 'One incident',
    description: 'Its violations are at `/api/v1/violations?incident=`.',
    parameters: IdParameters,
    answers: { 200: { description: 'The incident.', schema: 'Incident' } },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/incidents/{id}/restore',
    operationId: 'restoreIncident',
    summary: 'Has the sealed digests of all its open violations put back now',
    description: `${ONE_BY_ONE} The enforcer does it, a bounded number of requests to a registry at a time.`,
    parameters: IdParameters,
    body: 'RestoreRequest',
    answers: { 200: outcome('The enforcer was told.') },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/incidents/{id}/accept',
    operationId: 'acceptIncident',
    summary: "Makes the found digests of all its open violations their tags' seals",
    description: ONE_BY_ONE,
    parameters: IdParameters,
    body: 'Acceptance',
    answers: {
      200: outcome('All that were not refused are accepted.'),
      202: outcome('Some are on their way; the recorder has not come to them yet.'),
    },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/incidents/{id}/acknowledge',
    operationId: 'acknowledgeIncident',
    summary: 'Marks that somebody has seen all of its violations',
    description: 'The first mark of each stays.',
    parameters: IdParameters,
    body: 'Acknowledgement',
    answers: { 200: outcome('They are marked.') },
    problems: [404],
  },
];
