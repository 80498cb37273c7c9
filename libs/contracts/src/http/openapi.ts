import { z } from 'zod';
import { COMPONENTS, type ComponentName, renderComponents } from './components.js';
import { HTTP_ROUTES, type HttpAnswer, type HttpRoute } from './routes.js';

type Json = Record<string, unknown>;

const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A parameter or the body is malformed; `errors` names each.',
  401: 'The key is missing or unknown.',
  403: "The key's role may not do this.",
  404: 'There is no such thing.',
  406: 'None of the media types that `Accept` names can be had.',
  409: 'Not in its present state; `detail` says why.',
  422: 'Understood, and refused; `errors` or `detail` says why.',
  502: 'A registry or a vendor answered otherwise than it should; `detail` says how.',
  503: 'The database or the bus is away; try again after `Retry-After`.',
};

/** The OpenAPI 3.1 document of the HTTP API. */
export function renderOpenApi(version = '1'): Json {
  const paths: Record<string, Json> = {};
  for (const route of HTTP_ROUTES) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tagwarden',
      version,
      description:
        'Errors are RFC 9457 problems. Lists answer `{items, nextCursor}`; parameters that nobody knows are refused.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: renderComponents(),
    },
  };
}

function operationOf(route: HttpRoute): Json {
  const { operationId, summary, description, body } = route;
  const parameters = [...parametersOf(route.parameters, 'path'), ...parametersOf(route.query, 'query')];
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(route.isPublic ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: isRequired(body), content: jsonOf(body) } }),
    responses: { ...answersOf(route), ...problemsOf(route) },
  };
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): Json[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

const reference = (name: ComponentName): Json => ({ $ref: `#/components/schemas/${name}` });
const jsonOf = (name: ComponentName): Json => ({ 'application/json': { schema: reference(name) } });
const isRequired = (body: ComponentName): boolean => !COMPONENTS[body].safeParse(undefined).success;

function answersOf({ answers }: HttpRoute): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, schema, mediaTypes }]) => [
      status,
      { description, content: { ...(schema === undefined ? {} : jsonOf(schema)), ...othersOf(mediaTypes) } },
    ]),
  );
}

const othersOf = (mediaTypes: HttpAnswer['mediaTypes'] = []): Json =>
  Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, {}]));

function problemsOf({ method, isPublic, parameters, query, body, problems = [] }: HttpRoute): Json {
  const parses = parameters !== undefined || query !== undefined || body !== undefined;
  const statuses = [
    ...(parses ? [400] : []),
    ...(isPublic ? [] : [401]),
    ...(method === 'get' ? [] : [403]),
    ...problems,
    503,
  ];
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: PROBLEMS[status] ?? 'A problem.',
        content: { 'application/problem+json': { schema: reference('Problem') } },
      },
    ]),
  );
}
