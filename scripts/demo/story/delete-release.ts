import { short } from '../terminal.js';
import { beforeOffence, showPutBack } from './put-back.js';
import { REPOSITORY, type Scene, TAG } from './scene.js';

const GONE = 202;
/** What registries answer that know no deletion by tag (distribution 2.8: 400), or none of a child that an index lists (zot: 405). */
const REFUSALS: ReadonlySet<number> = new Set([400, 403, 405, 409]);

/** By digest, which takes the tag along; the children go first, so that restoring has to bring back all three manifests. */
export async function deleteByDigest(scene: Scene): Promise<void> {
  const { terminal, original } = scene;
  terminal.step(`Delete the image behind ${REPOSITORY}:${TAG} by digest, with its children`);
  const offence = await beforeOffence(scene, 'deletion');
  for (const child of original.images) {
    const isGone = await requestDeletion(scene, child.digest);
    const what = `child ${short(child.digest)} for ${child.platform.os}/${child.platform.architecture}`;
    if (isGone) terminal.attack(`DELETE ${what}: the registry answered 202.`);
    else terminal.say(`DELETE ${what}: refused, this registry protects what an index lists.`);
  }
  const isGone = await requestDeletion(scene, original.digest);
  const answeredAt = performance.now();
  if (!isGone) throw new Error(`The registry refuses to delete ${original.digest}; is deletion switched on?`);
  terminal.attack(`DELETE index ${short(original.digest)}: the registry answered 202, and the tag was gone.`);
  await showPutBack(scene, offence, answeredAt);
}

/** By name, where the registry knows that. */
export async function deleteByTag(scene: Scene): Promise<void> {
  const { terminal } = scene;
  terminal.step(`Delete ${REPOSITORY}:${TAG} by its name`);
  const offence = await beforeOffence(scene, 'deletion');
  const isGone = await requestDeletion(scene, TAG);
  const answeredAt = performance.now();
  if (!isGone) return terminal.say('This registry deletes by digest only, as distribution 2.8 does. Nothing happened.');
  terminal.attack(`DELETE ${TAG}: the registry answered 202, and the tag was gone.`);
  await showPutBack(scene, offence, answeredAt);
}

async function requestDeletion({ registry, signal }: Scene, reference: string): Promise<boolean> {
  const answer = await fetch(`${registry.url}/v2/${REPOSITORY}/manifests/${reference}`, { method: 'DELETE', signal });
  const words = await answer.text();
  if (answer.status === GONE) return true;
  if (REFUSALS.has(answer.status)) return false;
  throw new Error(`The registry answered ${answer.status} to DELETE ${reference}: ${words.slice(0, 300).trim()}`);
}
