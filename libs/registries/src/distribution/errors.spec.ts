import { describe, expect, test } from '@jest/globals';
import { refusal } from './errors.js';

const url = new URL('http://registry.test/v2/team/app/manifests/v1');
const refused = (status: number, body: unknown, method = 'PUT') =>
  refusal(
    { status, headers: {}, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), url },
    { registry: 'local', method, secrets: [] },
  );
const errors = (code: string, message: string, detail?: unknown) => ({ errors: [{ code, message, detail }] });

describe('A refused PUT', () => {
  test.each<[number, unknown]>([
    [409, errors('TAG_IMMUTABLE', 'tag is protected')],
    [409, errors('CONFLICT', 'This tag is immutable')],
    [412, errors('PRECONDITION', "The tag 'v1' is configured as immutable")],
    [403, errors('DENIED', 'requested access to the resource is denied', 'immutable tags: v1')],
    [403, errors('DENIED', 'immutability is on for this repository')],
    [405, errors('REGISTRY_DISALLOWED_OPERATION', '')],
    [
      400,
      errors(
        'TAG_INVALID',
        "The image tag 'v1' already exists and cannot be overwritten: the repository is immutable.",
      ),
    ],
    [400, errors('ImageTagAlreadyExistsException', '')],
    [409, '{"message":"tag v1 is immutable"}'],
  ])('with %d %j says that the registry holds the tag immutable', (status, body) => {
    const error = refused(status, body);
    expect(error).toMatchObject({ code: 'REGISTRY_IMMUTABLE', retriable: false, status });
    expect(error.message).toMatch(/unlock it there, then restore by hand\.$/);
  });

  test.each<[number, unknown, string]>([
    [403, errors('DENIED', 'requested access to the resource is denied'), 'REGISTRY_DENIED'],
    [403, '<html>Forbidden</html>', 'REGISTRY_DENIED'],
    [400, errors('TAG_INVALID', 'manifest tag did not match URI'), 'REGISTRY_REFUSED'],
    [400, errors('MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry'), 'REGISTRY_REFUSED'],
    [405, errors('UNSUPPORTED', 'The operation is unsupported.'), 'REGISTRY_REFUSED'],
    [409, errors('MANIFEST_INVALID', 'another upload is under way'), 'REGISTRY_REFUSED'],
    [412, errors('PRECONDITION', 'the quota is exceeded'), 'REGISTRY_REFUSED'],
    [503, errors('UNAVAILABLE', 'immutable backup in progress'), 'REGISTRY_BUSY'],
  ])('with %d %j does not', (status, body, code) => expect(refused(status, body).code).toBe(code));

  test('says it of writes only', () => {
    expect(refused(403, errors('DENIED', 'the tag is immutable'), 'GET').code).toBe('REGISTRY_DENIED');
  });
});
