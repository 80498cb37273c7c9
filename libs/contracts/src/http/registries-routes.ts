import { RegistriesQuery, RegistryParameters } from './registries.js';
import { SaveRegistryQuery } from './registry-bodies.js';
import type { HttpRoute } from './routes.js';
import { RuleParameters } from './settings.js';

export const REGISTRY_ROUTES: readonly HttpRoute[] = [
  {
    method: 'get',
    path: '/api/v1/registries',
    operationId: 'listRegistries',
    summary: 'The registries, and how their sweeps stand',
    query: RegistriesQuery,
    answers: { 200: { description: 'A page of registries, by name.', schema: 'RegistryPage' } },
  },
  {
    method: 'post',
    path: '/api/v1/registries',
    operationId: 'createRegistry',
    summary: 'Adds a registry',
    description:
      'Every process watches it at once, without a restart. Its secrets are kept encrypted. 422 where the configuration file would be refused for ' +
      'the same, or the registry refuses the credentials; 502 where it does not answer as a registry does.',
    query: SaveRegistryQuery,
    body: 'RegistryDefinition',
    answers: { 201: { description: 'The registry.', schema: 'Registry' } },
    problems: [409, 422, 502],
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
    method: 'put',
    path: '/api/v1/registries/{name}',
    operationId: 'replaceRegistry',
    summary: 'Puts another definition in its place',
    description:
      'Secrets that are left out stay, unless the registry is another place than before: then its credentials must be sent again. A registry of the ' +
      'configuration file is changed there (409).',
    parameters: RegistryParameters,
    query: SaveRegistryQuery,
    body: 'RegistryDefinition',
    answers: { 200: { description: 'The registry as it is now.', schema: 'Registry' } },
    problems: [404, 409, 422, 502],
  },
  {
    method: 'delete',
    path: '/api/v1/registries/{name}',
    operationId: 'deleteRegistry',
    summary: 'Watches a registry no more',
    description: 'Its credentials are deleted. What was recorded of it stays, violations included.',
    parameters: RegistryParameters,
    answers: { 204: { description: 'It is deleted.' } },
    problems: [404, 409],
  },
  {
    method: 'get',
    path: '/api/v1/registries/{name}/subscription',
    operationId: 'getSubscription',
    summary: 'How to have the registry send its notifications here',
    parameters: RegistryParameters,
    answers: { 200: { description: 'What to paste, and where.', schema: 'Subscription' } },
    problems: [404, 409],
  },
  {
    method: 'post',
    path: '/api/v1/registries/{name}/subscription',
    operationId: 'installSubscription',
    summary: 'Has the registry send its notifications here',
    description:
      "Over the vendor's API, with the registry's credentials; then it is read back. Doing it again changes nothing, or mends what was changed or " +
      'muted meanwhile. 409 for kinds that have no API for it.',
    parameters: RegistryParameters,
    body: 'SubscriptionRequest',
    answers: { 200: { description: 'What was done.', schema: 'InstalledSubscription' } },
    problems: [404, 409, 422, 502],
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
