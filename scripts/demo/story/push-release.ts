import { parseDigest } from '#domain';
import { pushIndex, type TestIndex } from '#testing';
import { formatMs } from '../terminal.js';
import { waitUntil } from '../wait-until.js';
import { pullWhole } from './pull-whole.js';
import { PATIENCE_MS, PROTECTED, REPOSITORY, type Scene, TAG } from './scene.js';

/** Push, and wait until it is sealed and kept. */
export async function pushRelease(scene: Scene): Promise<void> {
  const { terminal, registry, original } = scene;
  terminal.step(`Push ${REPOSITORY}:${TAG}, an image for ${platformsOf(original)}`);
  await pushIndex(registry.url, REPOSITORY, TAG, original);
  const pushedAt = performance.now();
  terminal.say(`digest ${original.digest}`);
  await waitUntilSealed(scene);
  terminal.done(`Sealed to this digest ${formatMs(performance.now() - pushedAt)} after the push.`);
  await waitUntilKept(scene);
  terminal.done(`Kept in the vault with its ${original.images.length} children, byte for byte.`);
  await pullWhole(registry.url, REPOSITORY, TAG, original);
}

function waitUntilSealed({ api, signal, original, registry }: Scene): Promise<true> {
  const advice =
    registry.kind === 'zot'
      ? 'Does this zot have the events extension? Its minimal build has not.'
      : 'No notification of the push has arrived, or its rule does not match.';
  return waitUntil(async () => ((await api.findTag(PROTECTED))?.seal?.digest === original.digest ? true : null), {
    complaint: () => `${REPOSITORY}:${TAG} was pushed and is not sealed. ${advice}`,
    everyMs: 20,
    limitMs: PATIENCE_MS,
    signal,
  });
}

function waitUntilKept({ service, signal, original }: Scene): Promise<true> {
  const isKept = async () => {
    const { manifests, missing } = await service.vault.findTree(parseDigest(original.digest));
    return missing.length === 0 && manifests.length === original.images.length + 1 ? true : null;
  };
  const complaint = () => `${REPOSITORY}:${TAG} is sealed, but its manifests are not in the vault.`;
  return waitUntil(isKept, { complaint, everyMs: 20, limitMs: PATIENCE_MS, signal });
}

const platformsOf = ({ images }: TestIndex): string =>
  images.map(({ platform }) => `${platform.os}/${platform.architecture}`).join(' and ');
