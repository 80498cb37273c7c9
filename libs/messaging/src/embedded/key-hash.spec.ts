import { expect, test } from '@jest/globals';
import { keyHash } from './key-hash.js';

test.each([
  ['', 725515275],
  ['local/acme/app', 785556383],
  ['local/acme/café', 1510227429],
])('the hash of "%s" never changes, or its records would change partition', (key, hash) => {
  expect(keyHash(key)).toBe(hash);
});

test('spreads similar keys evenly', () => {
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < 8000; index += 1) counts[keyHash(`local/acme/app-${index}`) % 8]! += 1;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});
