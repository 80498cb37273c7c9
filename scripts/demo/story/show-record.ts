import type { EventView, ViolationView } from '#contracts';
import { formatMs, short } from '../terminal.js';
import { PROTECTED, REPOSITORY, type Scene, TAG } from './scene.js';

/** What the service knows of all this, oldest first. */
export async function showRecord(scene: Scene): Promise<void> {
  const { api, terminal } = scene;
  terminal.step(`The audit trail of ${REPOSITORY}`);
  const { registry, repository } = PROTECTED;
  const events = await api.events({ registry, repository });
  terminal.table(['time (UTC)', 'what', 'tag', 'digest', 'by'], events.toReversed().map(eventRow));
  const violations = (await api.violations(PROTECTED)).toReversed();
  terminal.step(`The violations of ${REPOSITORY}:${TAG}`);
  terminal.table(['kind', 'state', 'found', 'sealed', 'time to restore'], violations.map(violationRow));
  await expectRecord(scene, events, violations);
}

const eventRow = ({ occurredAt, type, tag, digest, actor, claims }: EventView): string[] => [
  occurredAt.slice(11, 23),
  type,
  tag ?? '',
  digest === null ? '' : short(digest),
  actor ?? claims.userAgent ?? '',
];

const violationRow = ({ kind, state, foundDigest, sealedDigest, detectedAt, restoredAt }: ViolationView): string[] => [
  kind,
  state,
  foundIn(foundDigest, sealedDigest),
  short(sealedDigest),
  restoredAt === null ? '' : formatMs(Date.parse(restoredAt) - Date.parse(detectedAt)),
];

function foundIn(foundDigest: string | null, sealedDigest: string): string {
  if (foundDigest === null) return 'nothing';
  return foundDigest === sealedDigest ? 'a child missing' : short(foundDigest);
}

async function expectRecord(
  { api, terminal, original, other }: Scene,
  events: EventView[],
  violations: ViolationView[],
) {
  const isPush = (digest: string) => (event: EventView) =>
    event.type === 'pushed' && event.tag === TAG && event.digest === digest;
  if (!events.some(isPush(original.digest)) || !events.some(isPush(other.digest))) {
    throw new Error('The audit trail lacks one of the pushes.');
  }
  if (!violations.some(({ foundDigest }) => foundDigest === other.digest)) {
    throw new Error('No violation names the digest that was pushed over the sealed one.');
  }
  const { digest } = await api.resolve(PROTECTED, new Date().toISOString());
  if (digest !== original.digest) throw new Error(`By the record the tag now points at ${digest ?? 'nothing'}.`);
  terminal.done(`By the record ${TAG} now points at ${short(digest)}, as in the registry.`);
}
