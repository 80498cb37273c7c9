import { describe, expect, it } from '@jest/globals';
import { digestOfBytes, parseRegistryName, parseRepositoryName, parseTagName, type TagName } from '#domain';
import { type RecordedTag, RecordedTags } from '../ports/recorded-tags.js';
import { type ManifestHead, type RegistryClient, RegistryError } from '../ports/registry-client.js';
import { compareTags, unseen } from './compare-tags.js';

const repository = { registry: parseRegistryName('local'), repository: parseRepositoryName('team/app') };
const [A, B] = [digestOfBytes(Buffer.from('a')), digestOfBytes(Buffer.from('b'))];
const v1 = parseTagName('v1');
const sealed = (digest: typeof A | null, tag = v1): RecordedTag => ({ tag, digest, isSealed: true });
const open = (digest: typeof A | null): RecordedTag => ({ tag: v1, digest, isSealed: false });
const refused = (retriable: boolean) =>
  new RegistryError('REGISTRY_REFUSED', 'The registry does not want to.', { retriable });

type Answer = typeof A | null | RegistryError;

class Record extends RecordedTags {
  constructor(private readonly tags: readonly RecordedTag[]) {
    super();
  }
  override repositories = async () => [];
  override bound = async () => [];
  override find = async (_: unknown, wanted: readonly TagName[]) => this.tags.filter(({ tag }) => wanted.includes(tag));
}

/** Registry and record before the wait, and after it. */
function compare(
  before: { record: readonly RecordedTag[]; registry: (tag: TagName) => Answer },
  after: { record?: readonly RecordedTag[]; registry?: (tag: TagName) => Answer } = {},
  { signal = new AbortController().signal, check = null as Error | null } = {},
) {
  let hasWaited = false;
  let time = 1_000;
  const answers: number[] = [];
  const client = {
    check: async () => {
      if (check !== null) throw check;
    },
    findManifestHead: async (_: unknown, tag: TagName): Promise<ManifestHead | null> => {
      time += 1_000;
      answers.push(time);
      const answer = (hasWaited ? (after.registry ?? before.registry) : before.registry)(tag);
      if (answer instanceof Error) throw answer;
      return answer && { digest: answer, mediaType: 'image' };
    },
  } as unknown as RegistryClient;
  const clock = {
    now: () => time,
    random: () => 0,
    sleep: async () => {
      hasWaited = true;
    },
  };
  const recorded = new Record(after.record ?? before.record);
  return compareTags(repository, before.record, { client, recorded, clock }, signal).then((comparison) => ({
    ...comparison,
    looks: answers.length,
    hasWaited,
  }));
}

describe('Comparing a tag with the record', () => {
  it.each<[string, RecordedTag, Answer, { observed: Answer[]; differences: number }]>([
    ['as recorded and sealed', sealed(A), A, { observed: [], differences: 0 }],
    ['absent, as recorded', sealed(null), null, { observed: [], differences: 0 }],
    ['never seen, and gone since it was listed', unseen(v1), null, { observed: [], differences: 0 }],
    ['another digest', sealed(A), B, { observed: [B], differences: 1 }],
    ['gone', sealed(A), null, { observed: [null], differences: 1 }],
    ['back', sealed(null), A, { observed: [A], differences: 1 }],
    ['never seen', unseen(v1), A, { observed: [A], differences: 1 }],
    ['as recorded, and not sealed', open(A), A, { observed: [A], differences: 0 }],
  ])('%s', async (_, record, live, { observed, differences }) => {
    const result = await compare({ record: [record], registry: () => live });
    expect(result.observed.map(({ digest }) => digest)).toEqual(observed);
    expect(result.differences).toBe(differences);
    expect(result.looks).toBe(observed.length === 0 ? 1 : 2);
  });

  it.each<[string, Parameters<typeof compare>[1]]>([
    ['a notification has told of it', { record: [sealed(B)] }],
    ['the registry was only in between', { registry: () => A }],
    ['somebody has put it right, and it is recorded', { record: [sealed(A)], registry: () => A }],
  ])('tells nothing where after the wait %s', async (_, after) => {
    const result = await compare({ record: [sealed(A)], registry: () => B }, after);
    expect(result).toMatchObject({ observed: [], differences: 0, hasWaited: true });
  });

  it('tells what the second look shows, at the time before it', async () => {
    const C = digestOfBytes(Buffer.from('c'));
    const { observed } = await compare({ record: [sealed(A)], registry: () => B }, { registry: () => C });
    expect(observed).toEqual([
      expect.objectContaining({ digest: C, occurredAt: '1970-01-01T00:00:02.000000Z', source: 'sweeper' }),
    ]);
  });
});

describe('A tag that is gone', () => {
  it('is not believed to be where the registry itself cannot be found', async () => {
    const check = new RegistryError('REGISTRY_BAD_ANSWER', 'There is no registry here.');
    await expect(compare({ record: [sealed(A)], registry: () => null }, {}, { check })).rejects.toBe(check);
    await expect(compare({ record: [sealed(A)], registry: () => B }, {}, { check })).resolves.toMatchObject({
      differences: 1,
    });
  });
});

describe('A tag that cannot be read', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => sealed(A, parseTagName(`v${n}`)));

  it('is named, and the others are compared', async () => {
    const registry = (tag: TagName) => (tag === 'v1' ? refused(false) : B);
    const result = await compare({ record: many(3), registry });
    expect(result.observed.map(({ tag }) => tag)).toEqual(['v0', 'v2']);
    expect(result.unreadable).toEqual(['The registry does not want to.']);
  });

  it('ends the comparison where it may be read later', async () => {
    const registry = (tag: TagName) => (tag === 'v1' ? refused(true) : A);
    await expect(compare({ record: many(3), registry })).rejects.toMatchObject({ retriable: true });
  });

  it('ends the comparison where none can be read at all', async () => {
    await expect(compare({ record: many(100), registry: () => refused(false) })).rejects.toMatchObject({
      code: 'REGISTRY_REFUSED',
    });
  });

  it('is not asked for any more once the sweeper stops', async () => {
    const stopping = new AbortController();
    const asked: TagName[] = [];
    const registry = (tag: TagName) => {
      asked.push(tag);
      stopping.abort();
      return A;
    };
    await expect(compare({ record: many(100), registry }, {}, { signal: stopping.signal })).rejects.toThrow('aborted');
    expect(asked.length).toBeLessThan(10);
  });
});
