import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { HTTP_ROUTES, type Page, type RuleView, renderOpenApi } from '#contracts';
import { ensureAdminKey, PgApiKeys } from '#persistence';
import { VERSION } from '#platform';
import { type Api, KEY, startApi } from './api.fixture.js';

const SOME_ID = '00000000-0000-8000-8000-000000000000';
const ADMIN = { name: 'admin', role: 'admin' };
const concrete = (path: string) => path.replace('{id}', SOME_ID);

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
afterEach(() => {
  api.bus.failure = null;
});

type Layer = { route?: { path: string; methods: Record<string, boolean> } };

function mountedRoutes(): string[] {
  const { router } = api.app.getHttpAdapter().getInstance() as { router: { stack: Layer[] } };
  return router.stack.flatMap(({ route }) =>
    route ? Object.keys(route.methods).map((method) => `${method} ${route.path.replace(/:(\w+)/g, '{$1}')}`) : [],
  );
}

describe('The OpenAPI document', () => {
  it('has every route that is mounted, and no other', async () => {
    const { paths } = await api.get<{ paths: object }>('/openapi.json');
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(documented.sort()).toEqual(mountedRoutes().sort());
  });

  it('refers only to what it has', () => {
    const document = renderOpenApi(VERSION);
    const { schemas } = document.components as { schemas: Record<string, unknown> };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, name] of references) expect(Object.keys(schemas)).toContain(name);
  });
});

describe('Without a key', () => {
  const closed = HTTP_ROUTES.filter(({ isPublic }) => !isPublic);
  const open = HTTP_ROUTES.filter(({ isPublic }) => isPublic);

  it.each(closed.map(({ method, path }) => [method, path]))('%s %s is closed', async (method, path) => {
    for (const authorization of [undefined, 'Bearer wrong', `Basic ${btoa(`admin:${KEY}`)}`, 'Bearer']) {
      const headers = new Headers(authorization === undefined ? [] : [['Authorization', authorization]]);
      const answer = await fetch(`${api.url}${concrete(path)}`, { method: method.toUpperCase(), headers });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 401, code: 'KEY_REFUSED' });
    }
  });

  it.each(open.map(({ path }) => [path]))('%s is open', async (path) => {
    expect((await fetch(`${api.url}${path}`)).status).toBe(200);
  });
});

describe('Keys', () => {
  it('makes one admin key, once, unless one is configured', async () => {
    expect(await ensureAdminKey(api.dataSource, KEY)).toEqual({});
    const { created } = await ensureAdminKey(api.dataSource);
    expect(created).toMatch(/^tw_[\w-]{43}$/);
    expect(await ensureAdminKey(api.dataSource)).toEqual({});
    expect(await new PgApiKeys(api.dataSource, null).findHolder(created!)).toEqual(ADMIN);
    expect(await new PgApiKeys(api.dataSource, null).findHolder(`${created}x`)).toBeNull();
    // The configured key takes its place.
    expect(await new PgApiKeys(api.dataSource, KEY).findHolder(created!)).toBeNull();
    expect(await new PgApiKeys(api.dataSource, KEY).findHolder(KEY)).toEqual(ADMIN);
    expect(await new PgApiKeys(null, KEY).findHolder('')).toBeNull();
  });
});

describe('Problems', () => {
  it.each([
    ['/api/v1/tags?registry=UPPER', 'registry', 'Registry name "UPPER" is malformed'],
    ['/api/v1/tags?repository=a//b', 'repository', 'malformed'],
    ['/api/v1/history?registry=local&repository=a', 'tag', 'It is required.'],
    ['/api/v1/resolve?registry=local&repository=a&tag=v1&at=yesterday', 'at', 'RFC 3339'],
    ['/api/v1/resolve?registry=local&repository=a&tag=v1&at=0000-01-01T00:00:00Z', 'at', 'years'],
    ['/api/v1/events?digest=sha256:1', 'digest', 'malformed'],
    ['/api/v1/violations?state=broken', 'state', 'It must be one of detected'],
    ['/api/v1/tags?limit=501', 'limit', '500'],
    ['/api/v1/tags?limit=0', 'limit', '1'],
    ['/api/v1/tags?limit=ten', 'limit', 'It must be a whole number from 1 to 500.'],
    ['/api/v1/tags?cursor=rubbish', 'cursor', 'not a cursor'],
    ['/api/v1/events?cursor=WyIyMDI2LTA4LTIwIiwiMSJd', 'cursor', 'not a cursor'],
    ['/api/v1/tags?tags=v1', 'tags', 'There is no such parameter here.'],
    ['/api/v1/tags?tag=v1&tag=v2', 'tag', 'Give it once'],
    ['/api/v1/violations/7', 'id', 'UUID'],
  ])('%s names %s', async (path, parameter, sentence) => {
    const answer = await api.request(path);
    expect(answer.status).toBe(400);
    const problem = (await answer.json()) as { errors: { path: string; message: string }[] };
    expect(problem).toMatchObject({ title: 'Bad Request', status: 400, code: 'REQUEST_INVALID' });
    expect(problem.errors).toEqual([{ path: parameter, message: expect.stringContaining(sentence) }]);
  });

  it('refuses bodies that are no JSON, too large, or of another type', async () => {
    const accept = (body: string, type = 'application/json') =>
      api.request(`/api/v1/violations/${SOME_ID}/accept`, { method: 'POST', body, headers: { 'Content-Type': type } });
    for (const [answer, status] of [
      [await accept('{'), 400],
      [await accept(JSON.stringify({ reason: 'x'.repeat(300_000) })), 413],
      [await accept('{"reason":"x"}', 'text/plain'), 400],
      [await accept('{"reason":"  "}'), 400],
      [await accept('{"reason":"x","force":true}'), 400],
    ] as const) {
      expect(answer.status).toBe(status);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
  });

  it('answers 404 for what is not there', async () => {
    expect(await api.get('/nowhere')).toMatchObject({ status: 404, detail: 'Cannot GET /nowhere' });
    expect(await api.get(`/api/v1/violations/${SOME_ID}`)).toMatchObject({ status: 404, code: 'VIOLATION_UNKNOWN' });
    expect(await (await api.post(`/api/v1/rejected/${SOME_ID}/replay`)).json()).toMatchObject({ status: 404 });
    expect(await api.get('/api/v1/rules/none')).toMatchObject({ status: 404, code: 'RULE_UNKNOWN' });
  });

  it('sets the headers that keep browsers and caches out', async () => {
    const { headers } = await api.request('/api/v1/tags');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('Service', () => {
  it('is ready while its database and bus answer, and names which does not', async () => {
    expect(await api.get('/readyz')).toEqual({ status: 'ok' });
    api.bus.failure = new Error('kafka-1.internal refuses');
    const answer = await api.request('/readyz');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({
      code: 'NOT_READY',
      detail: 'The bus does not answer. The log says why.',
    });
    expect((await api.request('/healthz')).status).toBe(200);
  });

  it('gives metrics to Prometheus', async () => {
    const answer = await api.request('/metrics');
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(await answer.text()).toContain('# TYPE tagwarden_violations_total counter');
  });

  it('lists rules in the shape of the file, and registries without their secrets', async () => {
    const { items } = await api.get<Page<RuleView>>('/api/v1/rules');
    expect(items).toEqual([
      expect.objectContaining({
        name: 'releases',
        origin: expect.any(String),
        tags: { matching: ['v*'], excluding: [] },
      }),
    ]);
    expect(await api.get(`/api/v1/rules/${items[0]?.id}`)).toEqual(items[0]);
    expect(await api.get('/api/v1/registries')).toEqual({
      items: [expect.objectContaining({ name: 'local', url: 'http://zot', webhookPath: '/hooks/local' })],
      nextCursor: null,
    });
  });
});
