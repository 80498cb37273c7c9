import type { z } from 'zod';
import { BREAKER_ROUTES } from './breakers-routes.js';
import type { ComponentName } from './components.js';
import { EventsQuery } from './events.js';
import { EXPOSURE_ROUTES } from './exposure-routes.js';
import { INCIDENT_ROUTES } from './incidents-routes.js';
import { KEY_ROUTES } from './keys-routes.js';
import { PREVIEW_ROUTES } from './preview-routes.js';
import { IdParameters } from './query-fields.js';
import { REGISTRY_ROUTES } from './registries-routes.js';
import { RejectedQuery } from './rejected.js';
import { REVOCATION_ROUTES } from './revocations-routes.js';
import { RULE_ROUTES } from './rules-routes.js';
import { StreamQuery } from './stream.js';
import { HistoryQuery, TagAtQuery, TagsQuery } from './tags.js';
import { ViolationsQuery } from './violations.js';
import { WAIVER_ROUTES } from './waivers-routes.js';

export type HttpRoute = {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** With parameters in braces. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  /** Answers without a key. */
  readonly isPublic?: true;
  readonly parameters?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: ComponentName;
  readonly answers: Readonly<Record<number, HttpAnswer>>;
  /** Beside 400 where something is parsed, 401 where a key is needed, 403 where it must be more than an auditor's, and 503. */
  readonly problems?: readonly number[];
};

export type HttpAnswer = {
  readonly description: string;
  readonly schema?: ComponentName;
  /** Instead of, or beside, JSON. */
  readonly mediaTypes?: readonly string[];
};

const ok = (schema: ComponentName, description: string): HttpRoute['answers'] => ({ 200: { description, schema } });

const TAG_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/tags',
    operationId: 'listTags',
    summary: 'Tags as the record knows them, by name',
    query: TagsQuery,
    answers: ok('TagPage', 'A page of tags.'),
  },
  {
    method: 'get',
    path: '/api/v1/history',
    operationId: 'listHistory',
    summary: "A tag's bindings, newest first",
    query: HistoryQuery,
    answers: ok('BindingPage', 'A page of bindings; none where the tag was only ever seen being deleted.'),
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/v1/resolve',
    operationId: 'resolveTag',
    summary: 'The digest that a tag pointed at',
    description: 'At `at`, or now. A time in the future answers what is so now. 404 where the tag was never seen.',
    query: TagAtQuery,
    answers: ok('Resolution', 'The digest, or null where the tag did not exist then.'),
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/v1/explain',
    operationId: 'explainTag',
    summary: 'Whether a tag is immutable, and why',
    description: 'By the rules at `at`, or now. The tag need not exist.',
    query: TagAtQuery,
    answers: ok('Explanation', 'The protection and its reason.'),
  },
];

const RECORD_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/events',
    operationId: 'listEvents',
    summary: 'The audit trail, newest first',
    description:
      '`from` is inclusive, `to` exclusive. `Accept: text/csv` or `application/x-ndjson` streams every event that matches, newest ' +
      'first, and takes neither `limit` nor `cursor`; an answer that breaks off is incomplete. In CSV, a cell that a spreadsheet would ' +
      "read as a formula begins with `'`.",
    query: EventsQuery,
    answers: {
      200: {
        description: 'A page of events, or an export.',
        schema: 'EventPage',
        mediaTypes: ['text/csv', 'application/x-ndjson'],
      },
    },
    problems: [406],
  },
  {
    method: 'get',
    path: '/api/v1/stream',
    operationId: 'stream',
    summary: 'Everything as it happens',
    description:
      'Server-sent events: `recorded` (an Event) and `violation` (a Violation whose state or mark has changed). The stream keeps no past: it ends ' +
      'when it may have missed something or the client is too slow. Connect again, then read `/api/v1/events` and `/api/v1/violations` ' +
      'to close the gap.',
    query: StreamQuery,
    answers: { 200: { description: 'A stream that does not end.', mediaTypes: ['text/event-stream'] } },
  },
  {
    method: 'get',
    path: '/api/v1/rejected',
    operationId: 'listRejected',
    summary: 'Notifications that could not be understood, newest first',
    query: RejectedQuery,
    answers: ok('RejectedPage', 'A page of notifications.'),
  },
  {
    method: 'post',
    path: '/api/v1/rejected/{id}/replay',
    operationId: 'replayRejected',
    summary: 'Reads a rejected notification again',
    parameters: IdParameters,
    answers: ok('Receipt', 'It was understood, and what it says is recorded.'),
    problems: [404, 409],
  },
];

const VIOLATION_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/violations',
    operationId: 'listViolations',
    summary: 'Violations, newest first',
    query: ViolationsQuery,
    answers: ok('ViolationPage', 'A page of violations.'),
  },
  {
    method: 'get',
    path: '/api/v1/violations/{id}',
    operationId: 'getViolation',
    summary: 'One violation',
    parameters: IdParameters,
    answers: ok('Violation', 'The violation.'),
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/violations/{id}/restore',
    operationId: 'restoreViolation',
    summary: 'Has the sealed digest put back now',
    description:
      'Also where the rule only audits, and over a tripped fight breaker, which stays tripped. The enforcer does it; watch the state. 409 where a ' +
      'live waiver permits the change, no rule covers the tag any more, or the sealed digest is revoked.',
    parameters: IdParameters,
    body: 'RestoreRequest',
    answers: ok('Violation', 'The violation; the enforcer was told.'),
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/v1/violations/{id}/accept',
    operationId: 'acceptViolation',
    summary: "Makes the found digest the tag's seal",
    description: '409 where the found digest is revoked, or the tag points at another one by now.',
    parameters: IdParameters,
    body: 'Acceptance',
    answers: {
      200: { description: 'The violation, accepted.', schema: 'Violation' },
      202: { description: 'It is on its way; the recorder has not come to it yet.', schema: 'Violation' },
    },
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/v1/violations/{id}/acknowledge',
    operationId: 'acknowledgeViolation',
    summary: 'Marks that somebody has seen it',
    description: 'The first mark stays.',
    parameters: IdParameters,
    body: 'Acknowledgement',
    answers: ok('Violation', 'The violation.'),
    problems: [404],
  },
];

const SERVICE_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    summary: 'Whether the process runs',
    isPublic: true,
    answers: ok('Health', 'It runs.'),
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'readiness',
    summary: 'Whether it can do its work: database and bus',
    isPublic: true,
    answers: ok('Health', 'It can.'),
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: "Prometheus's metrics",
    answers: { 200: { description: 'The metrics.', mediaTypes: ['text/plain'] } },
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    answers: { 200: { description: 'OpenAPI 3.1.', mediaTypes: ['application/json'] } },
  },
];

/** Every route that the API serves. A spec compares it with what Nest has mounted. */
export const HTTP_ROUTES: readonly HttpRoute[] = [
  ...TAG_ROUTES,
  ...RECORD_ROUTES,
  ...VIOLATION_ROUTES,
  ...EXPOSURE_ROUTES,
  ...INCIDENT_ROUTES,
  ...BREAKER_ROUTES,
  ...REVOCATION_ROUTES,
  ...RULE_ROUTES,
  ...PREVIEW_ROUTES,
  ...WAIVER_ROUTES,
  ...REGISTRY_ROUTES,
  ...KEY_ROUTES,
  ...SERVICE_ROUTES,
];
