import { describe, expect, it } from '@jest/globals';
import type { RecordedExposure } from '#contracts';
import { REGISTRY_ADAPTERS } from '#registries';
import { withPullsExplained } from './explain-pulls.js';

const EXPOSURE = { asOf: 'now', pulls: { count: 0, pullers: [], latest: [] } } as unknown as RecordedExposure;

describe('withPullsExplained', () => {
  it.each(REGISTRY_ADAPTERS.map(({ kind, capabilities }) => [kind, capabilities.pulls] as const))(
    'says of %s whether it tells of pulls: %s',
    (kind, pullsReported) => {
      const { pulls, ...rest } = withPullsExplained(EXPOSURE, kind);
      expect(rest).toEqual({ asOf: 'now' });
      expect(pulls).toEqual({
        ...EXPOSURE.pulls,
        pullsReported,
        note: expect.stringContaining(pullsReported ? 'no evidence' : 'does not say that nobody pulled'),
      });
    },
  );

  it('does not guess for a registry that is no longer configured', () => {
    expect(withPullsExplained(EXPOSURE, null).pulls).toMatchObject({
      pullsReported: null,
      note: expect.stringContaining('no longer configured'),
    });
  });
});
