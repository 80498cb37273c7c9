import { pushIndex, putManifest } from '#testing';
import { beforeOffence, showPutBack } from './put-back.js';
import { FREE_TAG, REPOSITORY, type Scene, TAG } from './scene.js';

/** Another image under the sealed tag, as a careless pipeline does it. */
export async function overwriteRelease(scene: Scene): Promise<void> {
  const { terminal, registry, other } = scene;
  terminal.step(`Overwrite ${REPOSITORY}:${TAG} with another image`);
  await pushIndex(registry.url, REPOSITORY, FREE_TAG, other);
  terminal.say(`digest ${other.digest}`);
  terminal.aside(`It is pushed as ${FREE_TAG} first, which no rule covers.`);
  const offence = await beforeOffence(scene, 'overwrite');
  const accepted = await putManifest(registry.url, REPOSITORY, TAG, other);
  const answeredAt = performance.now();
  if (accepted !== other.digest) throw new Error(`The registry took ${other.digest} and calls it ${accepted}.`);
  terminal.attack(`PUT ${TAG}: the registry answered 201, and the tag was overwritten.`);
  await showPutBack(scene, offence, answeredAt);
}
