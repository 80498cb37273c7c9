import type { HttpRoute } from './routes.js';
import { RuleParameters, RulesQuery } from './settings.js';

export const RULE_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/rules',
    operationId: 'listRules',
    summary: 'The rules in force',
    query: RulesQuery,
    answers: { 200: { description: 'A page of rules, in their order.', schema: 'RulePage' } },
  },
  {
    method: 'post',
    path: '/api/v1/rules',
    operationId: 'createRule',
    summary: 'Makes a rule',
    description:
      'It holds from now on. What it covers is sealed at the digest that the registry shows, in the background: see `/api/v1/rules/{id}/sealing`.',
    body: 'RuleDefinition',
    answers: { 201: { description: 'The rule.', schema: 'Rule' } },
    problems: [409, 422],
  },
  {
    method: 'post',
    path: '/api/v1/rules/import',
    operationId: 'importRules',
    summary: "Reads another system's immutability settings",
    description:
      'Answers the rules that mean the same, and what could not be expressed. Nothing is saved unless `save` asks for it.',
    body: 'RuleImportRequest',
    answers: { 200: { description: 'The rules.', schema: 'RuleImport' } },
    problems: [409, 422],
  },
  {
    method: 'get',
    path: '/api/v1/rules/{id}',
    operationId: 'getRule',
    summary: 'One rule',
    parameters: RuleParameters,
    answers: { 200: { description: 'The rule.', schema: 'Rule' } },
    problems: [404],
  },
  {
    method: 'put',
    path: '/api/v1/rules/{id}',
    operationId: 'replaceRule',
    summary: 'Puts another definition in its place',
    description:
      'Keys that are left out take their defaults. What it covers no longer is free at once. A rule of the configuration file is changed there (409).',
    parameters: RuleParameters,
    body: 'RuleDefinition',
    answers: { 200: { description: 'The rule as it is now.', schema: 'Rule' } },
    problems: [404, 409, 422],
  },
  {
    method: 'delete',
    path: '/api/v1/rules/{id}',
    operationId: 'deleteRule',
    summary: 'Deletes a rule',
    description: 'Its tags are free at once; the record of what it protected stays.',
    parameters: RuleParameters,
    answers: { 204: { description: 'It is deleted.' } },
    problems: [404, 409],
  },
];
