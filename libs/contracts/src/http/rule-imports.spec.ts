import { describe, expect, it } from '@jest/globals';
import { renderComponents } from './components.js';
import { RuleImportBody } from './rule-imports.js';

const issuesOf = (body: unknown) =>
  RuleImportBody.safeParse(body).error?.issues.map(({ path, message }) => [path.join('.'), message]);

describe('the request to import rules', () => {
  it('is for every registry, of no scope, and saves nothing, unless it says so', () => {
    expect(RuleImportBody.parse({ format: 'ecr', settings: null })).toEqual({
      format: 'ecr',
      registry: null,
      scope: {},
      settings: null,
      save: false,
    });
  });

  it.each<[string, object, string]>([
    ['without settings', { format: 'ecr' }, 'settings'],
    ['of a registry that cannot have the name', { format: 'ecr', settings: [], registry: 'a b' }, 'registry'],
    ['with a scope misspelt', { format: 'quay', settings: [], scope: { organization: 'acme' } }, 'scope'],
    ['with save as a text', { format: 'quay', settings: [], save: 'yes' }, 'save'],
  ])('is refused %s', (_, body, path) => {
    expect(issuesOf(body)).toEqual([[path, expect.any(String)]]);
  });

  it('has a schema, in which format and settings are required', () => {
    expect(renderComponents().RuleImportRequest).toMatchObject({ required: ['format', 'settings'] });
  });
});
