import { ExposureQuery } from './exposure.js';
import { IdParameters } from './query-fields.js';
import type { HttpRoute } from './routes.js';

export const EXPOSURE_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/violations/{id}/exposure',
    operationId: 'getExposure',
    summary: 'What a violation has exposed, as one document',
    description:
      'For how long the wrong state stood, who pulled it, which other tags carry the digest, and what else that actor changed.',
    parameters: IdParameters,
    query: ExposureQuery,
    answers: { 200: { description: 'The report.', schema: 'Exposure' } },
    problems: [404],
  },
];
