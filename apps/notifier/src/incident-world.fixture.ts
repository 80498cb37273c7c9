import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataSource } from 'typeorm';
import { createAlertChannels } from '#alerts';
import {
  DeliverAlerts,
  type DueTag,
  type Log,
  type MessageBus,
  type RecordBatch,
  recordEvents,
  type Verdict,
} from '#application';
import { TOPICS, ViolationChanged } from '#contracts';
import {
  addMs,
  compileRule,
  type Digest,
  deriveId,
  type Instant,
  instantOf,
  NO_WAIVERS,
  parseRegistryName,
  parseRepositoryName,
  parseTagName,
  RuleHistory,
  type TimelineEvent,
} from '#domain';
import { createDataSource, migrate, PgAlertDeliveries, PgEnforcementQueue, PgRecordStore } from '#persistence';
import { createTestDatabase } from '#testing';
import type { AlertCourier } from './alert-courier.js';
import { ViolationIntake } from './violation-intake.js';

export const HISTORY = new RuleHistory([
  {
    effectiveFrom: null,
    rules: [
      compileRule({ name: 'releases', tags: { matching: ['v*'] } }),
      compileRule({ name: 'watched', tags: { matching: ['w*'] }, mode: 'audit' }),
    ],
  },
]);
export const WINDOW_MS = 600_000;
export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const NO_ANSWER = new Error('Nothing is consumed here: the spec hands the messages over.');
const deaf = { subscribe: () => Promise.reject(NO_ANSWER) } as unknown as MessageBus;

/** What is due is sent when the spec says so. */
const asleep = { wake: () => undefined } as AlertCourier;

export type Happening = {
  readonly at: Instant;
  readonly tag: string;
  readonly repository: string;
  readonly registry?: string;
  /** Absent: the tag is deleted. */
  readonly digest?: string;
  readonly actor?: string | null;
};
/** What a receiver got: the change, and the data of the Standard Webhooks payload. */
export type Page = {
  readonly change: string;
  readonly data: { repository: string; dedupKey: string; incident: { members: number } };
};

export type IncidentWorld = Awaited<ReturnType<typeof startIncidentWorld>>;

/** Record, notifier and a receiver for two channels, all real; the spec says what happens in the registries, and when. */
export async function startIncidentWorld() {
  const database = await createTestDatabase({
    template: 'migrated',
    prepare: async (url) => void (await migrate({ url })),
  });
  const dataSource: DataSource = await createDataSource({ url: database.url, poolSize: 10 }).initialize();
  const store = new PgRecordStore(dataSource, WINDOW_MS);
  const queue = new PgEnforcementQueue(dataSource);
  const pages = new Map<string, Page[]>();
  const receiver = await startReceiver(pages);
  const { port } = receiver.address() as AddressInfo;
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const channel = (name: string) =>
    ({ name, type: 'webhook', url: `http://127.0.0.1:${port}/${name}`, secret, allowPrivate: true }) as const;
  const channels = createAlertChannels([
    { ...channel('ops'), on: ['detected', 'restored', 'failed'] },
    { ...channel('pager'), on: ['detected', 'audited', 'fight', 'failed'] },
  ]);
  const deliveries = new PgAlertDeliveries(dataSource);
  const now = () => instantOf(Date.now());
  const deliver = new DeliverAlerts(deliveries, silent, now, () => 0);
  const intake = new ViolationIntake(deaf, channels, deliveries, asleep, now);

  /** One transaction of a recorder. */
  const record = (happenings: readonly Happening[], chain = 'spec') =>
    store.transaction(chain, (transaction) =>
      recordEvents(
        transaction,
        { events: happenings.map(eventOf), refolds: [], rejected: [] },
        { rules: HISTORY, waivers: NO_WAIVERS, settleMs: 0, now: now() },
      ),
    );
  /** What the outbox relay has published since the last time. */
  const announced = async (): Promise<ViolationChanged[]> => {
    const [rows] = (await dataSource.query('DELETE FROM outbox WHERE topic = $1 RETURNING id, value', [
      TOPICS.violations,
    ])) as [{ id: string; value: Buffer }[], number];
    return rows
      .sort((a, b) => Number(a.id) - Number(b.id))
      .map(({ value }) => ViolationChanged.parse(JSON.parse(value.toString())));
  };
  const tell = async (changes: readonly ViolationChanged[]) => {
    for (let offset = 0; offset < changes.length; offset += 200)
      await intake.take(batchOf(changes.slice(offset, offset + 200)));
    for (const { channel } of channels.list()) while ((await deliver.deliverDue(channel)) > 0);
  };

  return {
    dataSource,
    queue,
    pages: (name: string) => pages.get(name) ?? [],
    store,
    record,
    announced,
    tell,
    /** The notifier consumes everything, and sends what is due. */
    notify: async () => tell(await announced()),
    /** The enforcer finds each due tag right after one attempt, or not. */
    enforce: (outcome: 'restored' | 'failed') => enforceAll(queue, outcome),
    incidents: () =>
      dataSource.query('SELECT * FROM incident ORDER BY opened_at, id') as Promise<
        { id: string; members: number; is_mixed: boolean; closed_at: string | null }[]
      >,
    stop: async () => {
      receiver.close();
      await dataSource.destroy();
      await database.drop();
    },
  };
}

function batchOf(changes: readonly ViolationChanged[]): RecordBatch {
  const records = changes.map((change, index) => ({
    offset: BigInt(index),
    key: change.subject,
    value: Buffer.from(JSON.stringify(change)),
    headers: {},
  }));
  return { topic: TOPICS.violations, partition: 0, records, commitWithin: async () => undefined };
}

function startReceiver(pages: Map<string, Page[]>): Promise<Server> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { type, data } = JSON.parse(body) as { type: string; data: Page['data'] };
    const name = (request.url ?? '').slice(1);
    pages.set(name, [...(pages.get(name) ?? []), { change: type.slice('tagwarden.violation.'.length), data }]);
    response.end();
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function enforceAll(queue: PgEnforcementQueue, outcome: 'restored' | 'failed'): Promise<void> {
  const registries = ['one', 'two'].map((registry) => ({ registry, slots: 100 }));
  for (;;) {
    const due = await queue.claim(registries, 20_000, WINDOW_MS);
    if (due.length === 0) return;
    await Promise.all(due.map((tag) => queue.conclude(tag, tag.violations, verdictOf(tag, outcome))));
  }
}

function verdictOf({ seal }: DueTag, outcome: 'restored' | 'failed'): Verdict {
  const at = instantOf(Date.now());
  const report = { outcome, startedAt: at, endedAt: at, restoredAt: at, reason: null, missingBlobs: [] };
  return outcome === 'restored'
    ? { type: 'right', report, sealedDigest: seal?.digest as Digest, mediaType: null }
    : { type: 'failed', report: { ...report, restoredAt: null, reason: 'Blobs are gone.' }, fight: null };
}

let told = 0;
function eventOf({ at, tag, repository, registry = 'one', digest, actor = 'mallory' }: Happening): TimelineEvent {
  told += 1;
  const base = {
    id: deriveId('happening', String(told)),
    registry: parseRegistryName(registry),
    repository: parseRepositoryName(repository),
    tag: parseTagName(tag),
    actor,
    occurredAt: at,
    receivedAt: at,
    source: 'spec',
    sourceId: String(told),
    claims: {},
  };
  return (
    digest === undefined
      ? { ...base, type: 'tagDeleted' }
      : { ...base, type: 'pushed', digest, mediaType: 'application/vnd.oci.image.manifest.v1+json' }
  ) as TimelineEvent;
}

/** Seconds after a beginning one hour ago: windows lapse without waiting. */
export function clockFrom(hoursAgo: number): (seconds: number) => Instant {
  const start = instantOf(Date.now() - hoursAgo * 3_600_000);
  return (seconds) => addMs(start, seconds * 1_000);
}
