import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EMPTY_TAG, formatTagRef, type RuleHistory, type TimelineEvent, type WaiverBook } from '#domain';
import { AFTER_ALL, arrivalsOf, history, INDEXES, InMemoryRecord, rules, SETTLE_MS, waivers } from '#testing';
import { recordEvents } from './record-events.js';

const noRefolds = { refolds: [], rejected: [] };

async function record(
  store: InMemoryRecord,
  batches: readonly (readonly TimelineEvent[])[],
  ruleHistory: RuleHistory,
  permitted: WaiverBook,
) {
  for (const events of batches) {
    await store.transaction('test', (transaction) =>
      recordEvents(
        transaction,
        { ...noRefolds, events },
        { rules: ruleHistory, waivers: permitted, settleMs: SETTLE_MS, now: AFTER_ALL },
      ),
    );
  }
}

function storeThatKnows(manifests: Iterable<readonly [string, readonly string[]]>): InMemoryRecord {
  const store = new InMemoryRecord();
  for (const [digest, children] of manifests) store.manifests.set(digest as never, children as never);
  return store;
}

/** What must not depend on arrival: bindings, seals, and the violations that follow. */
function resultOf(store: InMemoryRecord) {
  const tags = [...store.tags.values()].filter(({ state }) => state !== EMPTY_TAG);
  return Object.fromEntries(
    tags
      .map(({ ref, state, bindings, violations }) => {
        const following = [...violations.values()].filter((violation) => violation.state !== 'withdrawn');
        const inOrder = <T>(map: Iterable<T>, key: (one: T) => string) =>
          [...map].sort((a, b) => (key(a) < key(b) ? -1 : 1));
        return [
          formatTagRef(ref),
          {
            binding: state.binding,
            seal: state.seal,
            bindings: inOrder(bindings.values(), ({ bound }) => `${bound.occurredAt} ${bound.id}`),
            violations: inOrder(following, ({ id }) => id).map(({ version: _, ...violation }) => violation),
          },
        ] as const;
      })
      .filter(([, { bindings }]) => bindings.length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

describe('The record does not depend on arrival', () => {
  test('any permutation, duplication and batching gives the same bindings, seals and violations', async () => {
    await fc.assert(
      fc.asyncProperty(
        history.chain((events) => fc.tuple(fc.constant(events), arrivalsOf(events))),
        rules,
        waivers,
        async ([events, arrivals], ruleHistory, permitted) => {
          const expected = storeThatKnows(INDEXES);
          await record(expected, [events], ruleHistory, permitted);
          const actual = storeThatKnows(INDEXES);
          await record(actual, arrivals, ruleHistory, permitted);
          expect(resultOf(actual)).toEqual(resultOf(expected));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('manifests that become known late change nothing in the end', async () => {
    await fc.assert(
      fc.asyncProperty(
        history.chain((events) => fc.tuple(fc.constant(events), arrivalsOf(events))),
        rules,
        waivers,
        async ([events, arrivals], ruleHistory, permitted) => {
          const expected = storeThatKnows(INDEXES);
          await record(expected, [events], ruleHistory, permitted);
          const actual = storeThatKnows([]);
          await record(actual, arrivals, ruleHistory, permitted);
          for (const [digest, children] of INDEXES) actual.manifests.set(digest, children);
          await actual.transaction('test', (transaction) =>
            recordEvents(
              transaction,
              { events: [], refolds: [...actual.tags.values()].map(({ ref }) => ref), rejected: [] },
              { rules: ruleHistory, waivers: permitted, settleMs: SETTLE_MS, now: AFTER_ALL },
            ),
          );
          expect(resultOf(actual)).toEqual(resultOf(expected));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
