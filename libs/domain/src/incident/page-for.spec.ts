import { describe, expect, it } from '@jest/globals';
import { type MemberChange, NOTHING_TOLD, OPEN_STATES } from './incident.js';
import { closesMember, pageFor } from './page-for.js';

/** A step: which member, and what happens to it. */
type Step = readonly [member: number, change: MemberChange];

/** What people are told of a story whose members arise one by one. Each is open from `detected`, `audited` or `failed` on until it is closed. */
function told(steps: readonly Step[]) {
  const states = new Map<number, MemberChange>();
  let telling = NOTHING_TOLD;
  const pages: { member: number; change: MemberChange; page: number; after: number[] }[] = [];
  for (const [member, change] of steps) {
    if (change !== 'fight') states.set(member, change);
    const isOver = ![...states.values()].some((state) => (OPEN_STATES as readonly string[]).includes(state));
    const paging = pageFor({ members: states.size, telling }, change, isOver);
    telling = paging.telling;
    if (paging.page)
      pages.push({ member, change, page: paging.page.page, after: paging.page.earlier.map(({ page }) => page) });
  }
  return pages;
}
const changesOf = (steps: readonly Step[]) => told(steps).map(({ member, change }) => [member, change]);
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('A violation alone', () => {
  it.each<[string, MemberChange[]]>([
    ['restored', ['detected', 'restored']],
    ['failing twice', ['detected', 'failed', 'restored', 'withdrawn', 'detected', 'failed', 'restored']],
    ['fought over', ['detected', 'failed', 'fight', 'accepted']],
    ['audited', ['audited', 'accepted']],
    ['shown as being restored', ['detected', 'restoring', 'restored']],
  ])('tells every change: %s', (_, changes) => {
    expect(changesOf(changes.map((change) => [1, change]))).toEqual(changes.map((change) => [1, change]));
  });
});

describe('Violations together', () => {
  it('make one page when they arise, and one when the last of 500 is closed', () => {
    const steps: Step[] = [
      ...range(500).map((member): Step => [member, 'detected']),
      ...range(500).map((member): Step => [member, 'restored']),
    ];
    expect(changesOf(steps)).toEqual([
      [1, 'detected'],
      [500, 'restored'],
    ]);
  });

  it('are told as the change that closes the last of them', () => {
    const steps: Step[] = [
      [1, 'detected'],
      [2, 'detected'],
      [1, 'restored'],
      [2, 'accepted'],
    ];
    expect(changesOf(steps).at(-1)).toEqual([2, 'accepted']);
  });

  it('tell the first that fails, and the first fight', () => {
    const steps: Step[] = [
      [1, 'detected'],
      [2, 'detected'],
      [1, 'failed'],
      [2, 'failed'],
      [2, 'fight'],
      [1, 'fight'],
      [1, 'restored'],
      [2, 'restored'],
    ];
    expect(changesOf(steps)).toEqual([
      [1, 'detected'],
      [1, 'failed'],
      [2, 'fight'],
      [2, 'restored'],
    ]);
  });

  it('tell apart what is put back and what is only audited: a channel may have asked for one of them', () => {
    const steps: Step[] = [
      [1, 'audited'],
      [2, 'detected'],
      [3, 'audited'],
      [2, 'restored'],
      [1, 'accepted'],
      [3, 'accepted'],
    ];
    expect(changesOf(steps)).toEqual([
      [1, 'audited'],
      [2, 'detected'],
      [3, 'accepted'],
    ]);
  });

  it('make two pages when one comes every few seconds and is restored at once', () => {
    const steps = range(500).flatMap((member): Step[] => [
      [member, 'detected'],
      [member, 'restored'],
    ]);
    expect(changesOf(steps)).toEqual([
      [1, 'detected'],
      [1, 'restored'],
      [2, 'detected'],
      [2, 'restored'],
    ]);
  });

  it('tell that one is only audited after they were told as closed, however often: nobody puts it back', () => {
    const quiet = range(4).flatMap((member): Step[] => [
      [member, 'detected'],
      [member, 'restored'],
    ]);
    expect(changesOf([...quiet, [5, 'audited'], [6, 'audited'], [7, 'detected'], [7, 'restored']]).slice(4)).toEqual([
      [5, 'audited'],
    ]);
  });

  it('tell that one fails after they were told as closed, however often', () => {
    const quiet = range(4).flatMap((member): Step[] => [
      [member, 'detected'],
      [member, 'restored'],
    ]);
    const steps: Step[] = [...quiet, [5, 'detected'], [5, 'failed'], [6, 'detected'], [5, 'restored'], [6, 'restored']];
    expect(changesOf(steps).slice(4)).toEqual([
      [5, 'failed'],
      [6, 'restored'],
    ]);
  });

  it('tell nothing twice when the last two are closed at once', () => {
    const telling = pageFor({ members: 2, telling: NOTHING_TOLD }, 'detected', false).telling;
    const first = pageFor({ members: 2, telling }, 'restored', true);
    expect(first.page).not.toBeNull();
    expect(pageFor({ members: 2, telling: first.telling }, 'restored', true).page).toBeNull();
  });

  it('number their pages, and name those that come before since the last closing', () => {
    const steps: Step[] = [
      [1, 'detected'],
      [1, 'restored'],
      [2, 'detected'],
      [2, 'failed'],
      [2, 'restored'],
    ];
    expect(told(steps).map(({ page, after }) => [page, after])).toEqual([
      [1, []],
      [2, [1]],
      [3, [2]],
      [4, [2, 3]],
      [5, [2, 3, 4]],
    ]);
  });

  it('keep with a closing all that it closes', () => {
    let telling = pageFor({ members: 1, telling: NOTHING_TOLD }, 'detected', false).telling;
    telling = pageFor({ members: 2, telling }, 'failed', false).telling;
    telling = pageFor({ members: 2, telling }, 'accepted', true).telling;
    expect(telling).toEqual({
      pages: 3,
      closings: 1,
      latest: [{ page: 3, changes: ['accepted', 'detected', 'failed'], closes: true }],
    });
  });
});

it.each(OPEN_STATES)('%s leaves something to do', (state) => expect(closesMember(state)).toBe(false));
