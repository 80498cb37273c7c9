import { IdParameters } from './query-fields.js';
import type { HttpRoute } from './routes.js';
import { WaiversQuery } from './waivers.js';

export const WAIVER_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/waivers',
    operationId: 'listWaivers',
    summary: 'Waivers, newest first',
    query: WaiversQuery,
    answers: { 200: { description: 'A page of waivers.', schema: 'WaiverPage' } },
  },
  {
    method: 'post',
    path: '/api/v1/waivers',
    operationId: 'createWaiver',
    summary: 'Permits a change of sealed tags, for a time',
    description:
      'What is changed meanwhile becomes the new seal; a deletion gives the seal up. A change that stands as a violation when the waiver ' +
      'begins is permitted as well. Each use is written on the binding.',
    body: 'WaiverRequest',
    answers: { 201: { description: 'The waiver.', schema: 'Waiver' } },
    problems: [422],
  },
  {
    method: 'get',
    path: '/api/v1/waivers/{id}',
    operationId: 'getWaiver',
    summary: 'One waiver',
    parameters: IdParameters,
    answers: { 200: { description: 'The waiver.', schema: 'Waiver' } },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/waivers/{id}/approve',
    operationId: 'approveWaiver',
    summary: 'Approves a waiver that needs it',
    description: 'By another person than the one who made it: with another key.',
    parameters: IdParameters,
    body: 'WaiverReason',
    answers: { 200: { description: 'The waiver.', schema: 'Waiver' } },
    problems: [404, 409],
  },
  {
    method: 'delete',
    path: '/api/v1/waivers/{id}',
    operationId: 'revokeWaiver',
    summary: 'Revokes a waiver',
    description: 'It permits nothing from now on; what it has permitted stays permitted.',
    parameters: IdParameters,
    body: 'WaiverReason',
    answers: { 200: { description: 'The waiver, revoked.', schema: 'Waiver' } },
    problems: [404, 409],
  },
];
