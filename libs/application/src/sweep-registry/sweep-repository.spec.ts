import { describe, expect, it } from '@jest/globals';
import { decodeRecorderMessage } from '#contracts';
import { type Digest, DomainError, digestOfBytes, parseTagName, type RuleDefinition, type TagName } from '#domain';
import type { MessageBus, OutgoingMessage } from '../ports/message-bus.js';
import { type RecordedTag, RecordedTags } from '../ports/recorded-tags.js';
import { RegistryError, type RegistryErrorCode } from '../ports/registry-client.js';
import {
  CLOCK,
  dueRepository,
  END,
  iterate,
  NotedRepositories,
  OneClient,
  RUNNING,
  rulesOf,
  SILENT,
} from './sweep.fixture.js';
import { SweepRepository } from './sweep-repository.js';

const [A, B] = [digestOfBytes(Buffer.from('a')), digestOfBytes(Buffer.from('b'))];
const RELEASES = { name: 'releases', tags: { matching: ['v*'] } };

/** A record in pages, as PostgreSQL gives it. */
class Recorded extends RecordedTags {
  constructor(private readonly tags: ReadonlyMap<string, Digest | null>) {
    super();
  }
  private all = (): RecordedTag[] =>
    [...this.tags]
      .map(([tag, digest]) => ({ tag: parseTagName(tag), digest, isSealed: true }))
      .sort((a, b) => (a.tag < b.tag ? -1 : 1));
  override repositories = async () => [];
  override bound = async (_: unknown, after: string, limit: number) =>
    this.all()
      .filter(({ tag, digest }) => digest !== null && tag > after)
      .slice(0, limit);
  override find = async (_: unknown, wanted: readonly TagName[]) =>
    this.all().filter(({ tag }) => wanted.includes(tag));
}

type World = {
  record: Record<string, Digest | null>;
  live: Record<string, Digest>;
  rules?: readonly RuleDefinition[];
  attempts?: number;
  failure?: Error;
  busFailure?: Error;
  signal?: AbortSignal;
};

async function sweep({ record, live, rules = [RELEASES], attempts = 1, failure, busFailure, signal = RUNNING }: World) {
  const queue = new NotedRepositories();
  const heads: string[] = [];
  const client = {
    findManifestHead: async (_: unknown, tag: string) => {
      heads.push(tag);
      if (failure) throw failure;
      const digest = live[tag];
      return digest === undefined ? null : { digest, mediaType: 'image' };
    },
    listTags: () => iterate(...Object.keys(live)),
    check: async () => undefined,
  };
  const observed: string[] = [];
  const bus = {
    publish: async (_: string, messages: readonly OutgoingMessage[]) => {
      if (busFailure) throw busFailure;
      for (const { value } of messages) {
        const message = decodeRecorderMessage(value);
        if (message.kind === 'event' && message.event.type === 'observed')
          observed.push(
            `${message.event.tag} ${message.event.digest === null ? 'gone' : message.event.digest === A ? 'A' : 'B'}`,
          );
      }
    },
  } as unknown as MessageBus;
  const recorded = new Recorded(new Map(Object.entries(record)));
  const use = new SweepRepository(queue, recorded, new OneClient(client), rulesOf(...rules), bus, END, SILENT, CLOCK);
  await use.sweep(dueRepository(attempts), signal);
  return { done: queue.done, observed: observed.sort(), heads };
}

describe('The sweep of a repository', () => {
  it('compares covered tags: those recorded, and those listed that are not', async () => {
    const result = await sweep({
      record: { v1: A, v2: A, v3: A, v4: null, latest: A },
      live: { v1: A, v2: B, v4: A, v5: A, latest: B, '.bad': A },
    });
    expect(result.observed).toEqual(['v2 B', 'v3 gone', 'v4 A', 'v5 A']);
    expect(result.done).toEqual(['progress 3 2', 'progress 5 2', 'finish null']);
    expect(result.heads).not.toContain('latest');
  });

  it('goes through more tags than it holds in memory', async () => {
    const names = Array.from({ length: 1_100 }, (_, n) => `v${String(n).padStart(5, '0')}`);
    const record = Object.fromEntries(names.map((name) => [name, A]));
    const unknown = Object.fromEntries(Array.from({ length: 700 }, (_, n) => [`vx${n}`, A]));
    const { done, observed } = await sweep({ record, live: { ...record, ...unknown } });
    expect(done).toEqual([
      'progress 500 0',
      'progress 1000 0',
      'progress 1100 0',
      'progress 1500 400',
      'progress 1800 300',
      'finish null',
    ]);
    expect(observed).toHaveLength(700);
  });

  it('asks nothing where no rule covers it any more', async () => {
    const rules = [{ ...RELEASES, repositories: { matching: ['other/**'] } }];
    expect(await sweep({ record: { v1: A }, live: { v1: B }, rules })).toEqual({
      done: ['finish null'],
      observed: [],
      heads: [],
    });
  });

  const failed = (code: RegistryErrorCode, retriable: boolean, retryAfterMs: number | null = null) =>
    new RegistryError(code, 'It fails.', { retriable, retryAfterMs });

  it.each<[string, Error, number, string[]]>([
    ['that may pass is tried again', failed('REGISTRY_REFUSED', true), 1, ['postpone 1000']],
    ['that may pass is tried later each time', failed('REGISTRY_REFUSED', true), 4, ['postpone 8000']],
    ['that may pass is counted in the end', failed('REGISTRY_REFUSED', true), 5, ['finish It fails.']],
    [
      'of one tag is counted, the rest is checked',
      failed('REGISTRY_BAD_ANSWER', false),
      1,
      ['progress 1 0', 'finish It fails.'],
    ],
    ['that needs a person is counted at once', failed('REGISTRY_UNREACHABLE', false), 1, ['finish It fails.']],
    ['of the whole registry lets all its repositories wait', failed('REGISTRY_UNREACHABLE', true), 5, ['hold 15000']],
    ['that asks for a rest gets it', failed('REGISTRY_BUSY', true, 120_000), 1, ['hold 120000']],
    ['that asks for a day gets an hour', failed('REGISTRY_BUSY', true, 86_400_000), 1, ['hold 3600000']],
  ])('a failure %s', async (_, failure, attempts, done) => {
    expect((await sweep({ record: { v1: A }, live: {}, failure, attempts })).done).toEqual(done);
  });

  it('waits while the bus takes nothing: what was not told is found again', async () => {
    const busFailure = new DomainError('BUS_UNAVAILABLE', 'The bus is away.', { retriable: true });
    expect((await sweep({ record: { v1: A }, live: { v1: B }, busFailure })).done).toEqual(['hold 15000']);
  });

  it('is handed back where the sweeper stops', async () => {
    const result = await sweep({ record: { v1: A }, live: { v1: B }, signal: AbortSignal.abort() });
    expect(result).toEqual({ done: ['release'], observed: [], heads: [] });
  });
});
