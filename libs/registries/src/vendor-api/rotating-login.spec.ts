import { describe, expect, it } from '@jest/globals';
import { RegistryError } from '#application';
import { rotatingLogin } from './rotating-login.js';

const HOUR = 3_600_000;
const patient = new AbortController().signal;

/** A vendor whose clock the test sets, and who gives a numbered password for twelve hours. */
function vendor({ lifetime = 12 * HOUR } = {}) {
  const state = { now: 0, asked: 0, fails: null as unknown };
  const fetch = async () => {
    state.asked++;
    if (state.fails !== null) throw state.fails;
    return { username: 'AWS', password: `password-${state.asked}`, expiresAt: state.now + lifetime };
  };
  const secrets = () => ['the-long-lived-secret'];
  const login = rotatingLogin({ registry: 'prod', fetch, secrets, now: () => state.now });
  return { state, login, password: async () => (await login.current(patient)).password };
}

describe('a rotating login', () => {
  it('is fetched once for all who ask at one time', async () => {
    const { state, password } = vendor();
    expect(await Promise.all([password(), password(), password()])).toEqual(Array(3).fill('password-1'));
    expect(state.asked).toBe(1);
  });

  it.each<[string, number, number, string]>([
    ['is kept while it is young', 12 * HOUR, 11 * HOUR, 'password-1'],
    ['is fetched anew half an hour before it expires', 12 * HOUR, 11.6 * HOUR, 'password-2'],
    ['is fetched anew in the last quarter of a short life', HOUR / 6, HOUR / 7, 'password-2'],
    ['is fetched each time where it lives for no time', 0, 1, 'password-2'],
  ])('%s', async (_, lifetime, now, expected) => {
    const { state, password } = vendor({ lifetime });
    await password();
    state.now = now;
    expect(await password()).toBe(expected);
  });

  it('is the old one, while that holds, when no new one can be had; the vendor is left alone for a while', async () => {
    const { state, password } = vendor();
    await password();
    state.fails = new Error('down');
    state.now = 11.9 * HOUR;
    expect([await password(), await password()]).toEqual(['password-1', 'password-1']);
    expect(state.asked).toBe(2);
    state.now += 31_000;
    state.fails = null;
    expect(await password()).toBe('password-3');
  });

  it('fails with a sentence without secrets once the old one is over', async () => {
    const { state, password } = vendor();
    await password();
    state.now = 12 * HOUR;
    state.fails = new Error('the-long-lived-secret was refused');
    const message = 'The credentials for registry "prod" cannot be had: [redacted] was refused.';
    await expect(password()).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true, message });
  });

  it("fails with the vendor's own error where there is one, and can be asked again", async () => {
    const { state, password } = vendor();
    state.fails = new RegistryError('REGISTRY_DENIED', 'No.');
    await expect(password()).rejects.toBe(state.fails);
    state.fails = null;
    expect(await password()).toBe('password-2');
  });

  it('lets a caller go who has waited long enough, and the others wait on', async () => {
    let give = (_: { username: string; password: string; expiresAt: number }) => {};
    const fetch = () => new Promise<{ username: string; password: string; expiresAt: number }>((done) => (give = done));
    const login = rotatingLogin({ registry: 'prod', fetch, secrets: () => [], now: () => 0 });
    const [hasty, other] = [new AbortController(), login.current(patient)];
    const left = login.current(hasty.signal);
    hasty.abort();
    await expect(left).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true });
    give({ username: 'u', password: 'p', expiresAt: HOUR });
    expect(await other).toEqual({ username: 'u', password: 'p' });
  });

  it('counts what it gave among what must not be said', async () => {
    const { login, password } = vendor();
    await password();
    expect(login.secrets).toEqual(['the-long-lived-secret', 'password-1']);
  });
});
