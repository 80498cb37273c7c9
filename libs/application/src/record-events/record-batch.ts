import { decodeRecorderMessage, type RecorderMessage } from '#contracts';
import { type Digest, DomainError, formatTagRef, instantOf, messageOf, type TagRef } from '#domain';
import { describeManifest } from '../keep-vault/describe-manifest.js';
import type { CurrentRules } from '../ports/current-rules.js';
import type { Log } from '../ports/log.js';
import type { BusRecord, RecordBatch } from '../ports/message-bus.js';
import type { NewViolation, RecordStore } from '../ports/record-store.js';
import type { RegistryClients } from '../ports/registry-client.js';
import type { Vault } from '../ports/vault.js';
import { type Recordable, type Recorded, recordEvents } from './record-events.js';

export type RecordBatchOptions = {
  readonly settleMs: number;
  /** How long a batch may wait for registries to tell what an index lists. */
  readonly childrenTimeoutMs: number;
  readonly now: () => number;
};

/** A record that is no message of ours: it goes to the dead letters. */
class UnreadableMessageError extends DomainError {
  constructor(cause: unknown) {
    super('MESSAGE_UNREADABLE', `This record is no message of ours: ${messageOf(cause).slice(0, 500)}`, { cause });
  }
}

type UnknownIndexes = Recorded['unknownIndexes'];

/** Leaves the transaction, to fetch over HTTP what it needs. */
class NeedsChildren extends Error {
  constructor(readonly unknown: UnknownIndexes) {
    super('The children of an index are unknown.');
  }
}

/** Records a batch of the bus: one transaction, in which the consumed position moves as well. */
export class RecordBusBatch {
  constructor(
    private readonly store: RecordStore,
    private readonly vault: Vault,
    private readonly clients: RegistryClients,
    private readonly rules: CurrentRules,
    private readonly options: RecordBatchOptions,
    private readonly log: Log,
    private readonly observe: (recorded: Recorded) => void = () => undefined,
  ) {}

  async handle(batch: RecordBatch): Promise<void> {
    const recordable = recordableOf(batch.records);
    const recorded = await this.recordWithChildren(batch, recordable);
    for (const arisen of recorded.violations) this.tell(arisen);
    this.observe(recorded);
  }

  /** For the person on call; alerts are the notifier's. */
  private tell({ ref, violation }: NewViolation): void {
    const { kind, actor, sealedDigest, foundDigest, mode, rule } = violation;
    const happened = kind === 'deletion' ? 'was deleted' : `was overwritten with ${foundDigest}`;
    const consequence = mode === 'audit' ? 'The rule only audits: it is left as it is.' : 'It is put back.';
    this.log.warn(
      `${formatTagRef(ref)}, sealed to ${sealedDigest}, ${happened} by ${actor ?? 'somebody unnamed'}. ${consequence}`,
      {
        ...ref,
        violation: violation.id,
        rule: rule.name,
      },
    );
  }

  private async recordWithChildren(batch: RecordBatch, recordable: Recordable): Promise<Recorded> {
    try {
      return await this.record(batch, recordable, true);
    } catch (error) {
      if (!(error instanceof NeedsChildren)) throw error;
      await this.fetchManifests(error.unknown);
      // What is unknown still stays so: the enforcer writes nothing until it is not.
      return this.record(batch, recordable, false);
    }
  }

  private record(batch: RecordBatch, recordable: Recordable, mayFetch: boolean): Promise<Recorded> {
    return this.store.transaction(`${batch.topic}/${batch.partition}`, async (transaction) => {
      const now = instantOf(this.options.now());
      // Asked in the transaction: what was permitted or forbidden before this moment holds for all that is recorded now.
      const { history: rules, waivers } = await this.rules.upToDate(transaction.query);
      const options = { rules, waivers, settleMs: this.options.settleMs, now };
      const recorded = await recordEvents(transaction, recordable, options);
      if (mayFetch && recorded.unknownIndexes.length > 0) throw new NeedsChildren(recorded.unknownIndexes);
      const last = batch.records.at(-1);
      if (last) await batch.commitWithin(transaction.query, last.offset);
      return recorded;
    });
  }

  private async fetchManifests(unknown: UnknownIndexes): Promise<void> {
    const wanted = new Map(unknown.map((one) => [one.digest, one.ref]));
    const fetches = [...wanted].map(([digest, ref]) => this.fetchManifest(ref, digest));
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.options.childrenTimeoutMs);
    });
    await Promise.race([Promise.all(fetches), timeout]);
    clearTimeout(timer);
  }

  private async fetchManifest({ registry, repository }: TagRef, digest: Digest): Promise<void> {
    try {
      const found = await this.clients.get(registry).findManifest(repository, digest);
      const manifest = found === null ? null : describeManifest(found);
      if (manifest !== null) await this.vault.keep([manifest]);
    } catch (error) {
      this.log.warn(`Cannot learn what the index ${digest} lists: ${messageOf(error)}`, { registry, repository });
    }
  }
}

function recordableOf(records: readonly BusRecord[]): Recordable {
  const messages = records.map(({ value }) => decode(value));
  return {
    events: messages.flatMap((message) => (message.kind === 'event' ? [message.event] : [])),
    hints: messages.flatMap((message) => (message.kind === 'hint' ? [message.hint] : [])),
    refolds: messages.flatMap((message) => (message.kind === 'refold' ? [message] : [])),
    rejected: messages.flatMap((message) =>
      message.kind === 'rejected'
        ? [{ ...message.rejected, payload: Buffer.from(message.rejected.payload, 'base64') }]
        : [],
    ),
  };
}

function decode(value: Buffer): RecorderMessage {
  try {
    return decodeRecorderMessage(value);
  } catch (error) {
    throw new UnreadableMessageError(error);
  }
}
