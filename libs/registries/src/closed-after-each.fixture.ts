import { afterEach } from '@jest/globals';

type Close = () => Promise<unknown>;

/** What a test has opened is closed after it: what was given last first, and what was given at one time in that order. */
export function closedAfterEach(): (...closes: readonly Close[]) => void {
  const open: (readonly Close[])[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse().flat()) await close();
  });
  return (...closes) => {
    open.push(closes);
  };
}
