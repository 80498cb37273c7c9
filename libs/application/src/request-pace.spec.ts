import { describe, expect, it } from '@jest/globals';
import { RequestPace } from './request-pace.js';

/** A clock that stands still, but for those who sleep by it. */
function clockAt(start: number) {
  const clock = {
    time: start,
    now: () => clock.time,
    sleep: async (ms: number) => {
      clock.time += ms;
    },
  };
  return clock;
}

async function timesOf(turns: number, perSecond: number, before: (n: number, clock: { time: number }) => void) {
  const clock = clockAt(1_000_000);
  const pace = new RequestPace(perSecond, clock);
  const times: number[] = [];
  for (let n = 0; n < turns; n += 1) {
    before(n, clock);
    await pace.turn();
    times.push(Math.round(clock.time - 1_000_000));
  }
  return times;
}

describe('A pace', () => {
  it('spaces turns evenly, after the few that were saved up', async () => {
    expect(await timesOf(8, 20, () => undefined)).toEqual([0, 0, 0, 50, 100, 150, 200, 250]);
  });

  it('saves up no more than a moment', async () => {
    const pause = (n: number, clock: { time: number }) => {
      if (n === 4) clock.time += 60_000;
    };
    const times = await timesOf(8, 20, pause);
    expect(times.slice(4).map((time) => time - 60_000)).toEqual([50, 50, 50, 100]);
  });
});
