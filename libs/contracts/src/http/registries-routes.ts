import { RegistriesQuery, RegistryParameters } from './registries.js';
import type { HttpRoute } from './routes.js';
import { RuleParameters } from './settings.js';

export const REGISTRY_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/registries',
    operationId: 'listRegistries',
    summary: 'The configured registries, and how their sweeps stand',
    query: RegistriesQuery,
    answers: { 200: { description: 'A page of registries, by name.', schema: 'RegistryPage' } },
  },
  {
    method: 'get',
    path: '/api/v1/registries/{name}',
    operationId: 'getRegistry',
    summary: 'One registry',
    parameters: RegistryParameters,
    answers: { 200: { description: 'The registry.', schema: 'Registry' } },
    problems: [404],
  },
  {
    method: 'post',
    path: '/api/v1/registries/{name}/sweep',
    operationId: 'sweepRegistry',
    summary: "Compares the registry's tags with the record now",
    description: 'While a sweep runs, one more is done after it: it may have passed what this is about.',
    parameters: RegistryParameters,
    answers: { 202: { description: 'It was asked for. Watch `running`, then `last`.', schema: 'Sweep' } },
    problems: [404],
  },
  {
    method: 'get',
    path: '/api/v1/rules/{id}/sealing',
    operationId: 'getSealing',
    summary: 'How far the tags that a rule covers are sealed',
    description: 'A rule that is switched on seals what exists, read from the registry, in the background.',
    parameters: RuleParameters,
    answers: { 200: { description: 'The progress.', schema: 'Sealing' } },
    problems: [404],
  },
];
