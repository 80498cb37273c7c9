import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { type Contender, ORIGINAL, OTHER, REPOSITORY } from './contender.js';

/** Longer than all readings back of a restoration take. */
const RESTORED_LIMIT_MS = 4_000;

const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 30_000 });

/**
 * Milliseconds from sending the overwriting PUT until a reader gets the original again. The registry's notification of the restoring PUT
 * says when to look; it leaves before the tag is written, so that the first look may come too early. Infinite where the original does not
 * come back: who writes at once and never looks again loses, now and then, to the overwriting PUT's own late write of the tag.
 */
export async function overwriteAndWait({ registry, observer }: Contender, tag: string): Promise<number> {
  const putBack = observer.nextPush(tag, ORIGINAL.digest);
  const sentAt = performance.now();
  const overwritten = put(registry, tag);
  await Promise.race([putBack, sleep(RESTORED_LIMIT_MS, undefined, { ref: false })]);
  for (;;) {
    const found = await findDigest(registry, tag);
    const elapsedMs = performance.now() - sentAt;
    if (found === ORIGINAL.digest) {
      await overwritten;
      return elapsedMs;
    }
    if (elapsedMs > RESTORED_LIMIT_MS) return Number.POSITIVE_INFINITY;
    await sleep(2);
  }
}

async function put(registry: string, tag: string): Promise<void> {
  const answer = await request(`${registry}/v2/${REPOSITORY}/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': OTHER.mediaType },
    body: OTHER.bytes,
    dispatcher,
  });
  const words = await answer.body.text();
  if (answer.statusCode !== 201) throw new Error(`The registry answered ${answer.statusCode}: ${words.slice(0, 500)}`);
}

export async function findDigest(registry: string, tag: string): Promise<string> {
  const answer = await request(`${registry}/v2/${REPOSITORY}/manifests/${tag}`, {
    headers: { accept: ORIGINAL.mediaType },
    dispatcher,
  });
  await answer.body.dump();
  return String(answer.headers['docker-content-digest'] ?? `status ${answer.statusCode}`);
}
