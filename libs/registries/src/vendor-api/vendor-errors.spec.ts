import { describe, expect, it } from '@jest/globals';
import { saysCode, vendorRefusal } from './vendor-errors.js';

const url = new URL('https://api.example.com/things');
const CODES = { denied: ['AccessDenied', 'invalid_client'], immutable: ['TagAlreadyExists'] };
const refused = (body: unknown, secrets: readonly string[] = []) =>
  vendorRefusal(
    { status: 400, headers: {}, url, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
    { registry: 'prod', method: 'POST', secrets },
    CODES,
  );

describe("a vendor's error", () => {
  it.each<[unknown, string, string]>([
    [{ __type: 'com.example.things#Limit', message: 'too many' }, 'Limit', 'too many'],
    [{ __type: 'Limit', Message: 'too many' }, 'Limit', 'too many'],
    [{ error: 'invalid_grant', error_description: 'it is over' }, 'invalid_grant', 'it is over'],
    [{ error: { code: 404, status: 'NOT_FOUND', message: 'no such thing' } }, 'NOT_FOUND', 'no such thing'],
    [{ error: { code: 'Conflict', message: 'it is there' } }, 'Conflict', 'it is there'],
    [{ error: 'No such thing.' }, 'ERROR', 'No such thing.'],
    [{ error_type: 'invalid', error_message: 'a name is missing' }, 'invalid', 'a name is missing'],
    [{ detail: 'not yours' }, 'ERROR', 'not yours'],
    [{ errors: [{ code: 'X', message: 'as registries say it' }], message: 'else' }, 'X', 'as registries say it'],
  ])('%j is passed on', (body, code, message) => {
    const error = refused(body);
    expect(error.errors).toMatchObject([{ code, message }]);
    expect(error).toMatchObject({ code: 'REGISTRY_REFUSED', status: 400, message: expect.stringContaining(message) });
    expect(saysCode(error, code)).toBe(true);
  });

  it.each(['', '<html>', '[]', '7', 'null', '{}', '{"message":{"base":["x"]}}'])('%p says nothing', (body) => {
    expect(refused(body)).toMatchObject({ code: 'REGISTRY_REFUSED', errors: [] });
  });

  it.each([
    [{ __type: 'AccessDenied', message: 'no' }, 'REGISTRY_DENIED'],
    [{ error: 'invalid_client' }, 'REGISTRY_DENIED'],
    [{ __type: 'TagAlreadyExists' }, 'REGISTRY_IMMUTABLE'],
  ])("%j means by the vendor's own code: %s", (body, code) => {
    expect(refused(body)).toMatchObject({ code, status: 400, retriable: false });
  });

  it('is passed on without secrets', () => {
    const error = refused({ message: 'hook-4711-geheim is no token' }, ['hook-4711-geheim']);
    expect(error.message).toContain('[redacted] is no token');
  });
});
