import { type Digest, instantOf, type TagRef, type ViolationState } from '#domain';
import type { CanaryRecord, CanaryRun } from '../ports/canaries.js';
import { canUploadBlobs, type RegistryClient, RegistryError } from '../ports/registry-client.js';
import type { SweepClock } from '../sweep-registry/sweep-clock.js';
import { type CanaryImage, canaryImage } from './canary-image.js';

export type CanarySurroundings = {
  readonly client: RegistryClient;
  readonly record: CanaryRecord;
  readonly clock: Pick<SweepClock, 'now' | 'sleep'>;
};

/** For the seal, and again from the overwriting to the restoration. */
export const CANARY_DEADLINE_MS = 60_000;
/** How exact the measured times are. */
const LOOK_EVERY_MS = 100;

/** Nobody has anything left to do after these, and the sealed digest was not put back. */
const GIVEN_UP: readonly ViolationState[] = ['audited', 'accepted', 'waived', 'withdrawn'];

/**
 * Pushes the canary's first image where it does not stand, overwrites it with one that was never there, and waits for it to be put back.
 * Rejects when the database cannot be reached, or the signal is aborted.
 */
export async function overwriteCanary(
  ref: TagRef,
  surroundings: CanarySurroundings,
  signal: AbortSignal,
): Promise<CanaryRun> {
  try {
    const unsealed = await bringIntoPlace(ref, surroundings, signal);
    return unsealed ?? (await overwrite(ref, surroundings, signal));
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    return failed('refused', `The canary could not be pushed: ${error.message}`);
  }
}

const ONE = canaryImage('one');

/** null: the tag is sealed, can be put back, and points at what it is sealed to. */
async function bringIntoPlace(
  ref: TagRef,
  { client, record, clock }: CanarySurroundings,
  signal: AbortSignal,
): Promise<CanaryRun | null> {
  await uploadBlobs(ref, client, ONE);
  const sealed = await record.findSeal(ref);
  const head = await client.findManifestHead(ref.repository, ref.tag);
  // Somebody may have accepted another digest: that one is then what is put back.
  const isOurs = sealed === null || sealed.digest === ONE.digest;
  if (isOurs && head?.digest !== ONE.digest) await client.putManifest(ref.repository, ref.tag, ONE);
  const isSealed = await within(clock, signal, async () => (await record.findSeal(ref))?.isKept === true || null);
  return isSealed ? null : failed('notDetected', `Its push was not recorded and sealed within ${DEADLINE}. ${ADVICE}`);
}

async function overwrite(
  ref: TagRef,
  { client, record, clock }: CanarySurroundings,
  signal: AbortSignal,
): Promise<CanaryRun> {
  const two = canaryImage(`two, ${instantOf(clock.now())}`);
  const begun = clock.now();
  const secondsSince = () => (clock.now() - begun) / 1_000;
  await client.putManifest(ref.repository, ref.tag, two);
  let detectSeconds: number | null = null;
  const end = await within(clock, signal, async () => {
    const violation = await record.findViolation(ref, two.digest);
    if (violation === null) return null;
    detectSeconds ??= secondsSince();
    return isOver(violation.state) ? { ...violation, seconds: secondsSince() } : null;
  });
  if (end === null) return lateRun(ref, two.digest, detectSeconds, record);
  if (GIVEN_UP.includes(end.state)) {
    const sentence = `The overwritten canary is ${end.state}, and was not put back. Look at its rule, and at who decided that.`;
    return { outcome: 'notRestored', detectSeconds, restoreSeconds: null, sentence };
  }
  const sentence = `Overwritten, detected and put back within ${end.seconds.toFixed(1)} s.`;
  return { outcome: 'ok', detectSeconds, restoreSeconds: end.seconds, sentence };
}

async function lateRun(
  ref: TagRef,
  digest: Digest,
  detectSeconds: number | null,
  record: CanaryRecord,
): Promise<CanaryRun> {
  if (detectSeconds === null)
    return failed('notDetected', `Overwriting it was not recorded within ${DEADLINE}. ${ADVICE}`);
  const failure = (await record.findViolation(ref, digest))?.failure ?? null;
  const reason = failure === null ? 'Look whether an enforcer runs.' : failure;
  const sentence = `Overwriting it was recorded, and not put right within ${DEADLINE}. ${reason}`;
  return { outcome: 'notRestored', detectSeconds, restoreSeconds: null, sentence };
}

/** `selfHealed`: it was right again when the enforcer asked. */
const isOver = (state: ViolationState): boolean =>
  state === 'restored' || state === 'selfHealed' || GIVEN_UP.includes(state);

const DEADLINE = `${CANARY_DEADLINE_MS / 1_000} s`;
const ADVICE = 'Look whether the registry sends its notifications here, and whether a recorder takes them.';

const failed = (outcome: CanaryRun['outcome'], sentence: string): CanaryRun => ({
  outcome,
  detectSeconds: null,
  restoreSeconds: null,
  sentence,
});

async function uploadBlobs({ repository }: TagRef, client: RegistryClient, { blobs }: CanaryImage): Promise<void> {
  for (const { digest, bytes } of blobs) {
    if (await client.hasBlob(repository, digest)) continue;
    if (!canUploadBlobs(client))
      throw new RegistryError('REGISTRY_REFUSED', 'Registries of this kind have no way to upload a blob.');
    await client.putBlob(repository, digest, bytes);
  }
}

/** What `look` finds before the deadline; null: nothing. */
async function within<T>(
  clock: CanarySurroundings['clock'],
  signal: AbortSignal,
  look: () => Promise<T | null>,
): Promise<T | null> {
  for (const deadline = clock.now() + CANARY_DEADLINE_MS; ; await clock.sleep(LOOK_EVERY_MS, signal)) {
    signal.throwIfAborted();
    const found = await look();
    if (found !== null || clock.now() >= deadline) return found;
  }
}
