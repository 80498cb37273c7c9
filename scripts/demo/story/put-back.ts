import type { ViolationView } from '#contracts';
import { messageOf } from '#domain';
import { headTag } from '#testing';
import { formatMs, short } from '../terminal.js';
import { waitUntil } from '../wait-until.js';
import { pullWhole } from './pull-whole.js';
import { PATIENCE_MS, PROTECTED, REPOSITORY, type Scene, TAG } from './scene.js';

/** Often enough to measure by, and not so often that the registry is kept from its work. It is told not to report these reads. */
const WATCH_EVERY_MS = 5;
const ASK_EVERY_MS = 100;

/** What will be expected of the record: the violations before the offence are known by then. */
export type Offence = { readonly kind: ViolationView['kind']; readonly earlier: ReadonlySet<string> };

export async function beforeOffence(scene: Scene, kind: Offence['kind']): Promise<Offence> {
  const violations = await scene.api.violations(PROTECTED);
  return { kind, earlier: new Set(violations.map(({ id }) => id)) };
}

/** Watches the tag from the answer to the offending request on, until it is right again and the service is sure of it. */
export async function showPutBack(scene: Scene, offence: Offence, answeredAt: number): Promise<void> {
  const { terminal, registry, original } = scene;
  const seen = await watchTag(scene);
  const elapsed = formatMs(performance.now() - answeredAt);
  terminal.done(`Put back: ${short(original.digest)} again, ${elapsed} after the registry had answered.`);
  if (seen.size > 0) terminal.aside(`Whoever asked in between was told: ${[...seen].join(', ')}.`);
  const violation = await waitUntilConcluded(scene, offence);
  // The registry may have written the tag late: only now has the service seen it stand still.
  await pullWhole(registry.url, REPOSITORY, TAG, original);
  terminal.done(
    `Violation “${violation.kind}” is ${violation.state}; index, children and blobs pulled again, all digests right.`,
  );
}

/** Answers what the tag showed meanwhile. */
async function watchTag({ registry, signal, original }: Scene): Promise<Set<string>> {
  const seen = new Set<string>();
  const isRight = async () => {
    // Distribution may answer 500 at the very moment that it writes the tag's file.
    const found = await headTag(registry.url, REPOSITORY, TAG).catch(messageOf);
    if (typeof found === 'object' && found?.digest === original.digest) return true;
    seen.add(typeof found === 'string' ? found : short(found?.digest ?? 'no such tag'));
    return null;
  };
  const complaint = () => `${REPOSITORY}:${TAG} was not put back; it shows ${[...seen].at(-1)}.`;
  await waitUntil(isRight, { complaint, everyMs: WATCH_EVERY_MS, limitMs: PATIENCE_MS, signal });
  return seen;
}

function waitUntilConcluded({ api, signal, original }: Scene, { kind, earlier }: Offence): Promise<ViolationView> {
  const concluded = async () => {
    const news = (await api.violations(PROTECTED)).filter(({ id }) => !earlier.has(id));
    const failed = news.find(({ state }) => state === 'failed');
    if (failed) throw new Error(`The violation ${failed.id} is failed: ${failed.failure ?? 'no reason is given'}`);
    const isOver = news.every(({ state }) => state === 'restored' || state === 'selfHealed' || state === 'withdrawn');
    const violation = news.find((one) => one.kind === kind && one.sealedDigest === original.digest);
    return isOver ? (violation ?? null) : null;
  };
  const complaint = () => `The tag is right, but no restored violation of kind ${kind} is on record.`;
  return waitUntil(concluded, { complaint, everyMs: ASK_EVERY_MS, limitMs: PATIENCE_MS, signal });
}
