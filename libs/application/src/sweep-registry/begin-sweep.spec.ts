import { describe, expect, it } from '@jest/globals';
import { parseRepositoryName, type RuleDefinition } from '#domain';
import { RecordedTags } from '../ports/recorded-tags.js';
import { RegistryError, type RegistryErrorCode } from '../ports/registry-client.js';
import { BeginSweep } from './begin-sweep.js';
import {
  CLOCK,
  dueSweep,
  END,
  failing,
  iterate,
  NotedSweeps,
  OneClient,
  RUNNING,
  rulesOf,
  SILENT,
} from './sweep.fixture.js';

const TEAM: RuleDefinition = {
  name: 'team',
  repositories: { matching: ['team/**'], excluding: ['team/scratch'] },
  tags: { all: true },
};
const refusal = (code: RegistryErrorCode, retriable: boolean, retryAfterMs: number | null = null) =>
  new RegistryError(code, 'No.', { retriable, retryAfterMs });

class Recorded extends RecordedTags {
  override repositories = async () => ['team/recorded', 'other/recorded'].map(parseRepositoryName);
  override bound = async () => [];
  override find = async () => [];
}

async function begin(
  listRepositories: (() => AsyncIterable<string>) | null,
  { rules = [TEAM], attempts = 1, signal = RUNNING } = {},
) {
  const queue = new NotedSweeps();
  const clients = new OneClient(listRepositories === null ? {} : ({ listRepositories } as object));
  const configured = () => ['team/configured', 'other/configured'].map(parseRepositoryName);
  const sweep = new BeginSweep(queue, new Recorded(), clients, rulesOf(...rules), configured, END, SILENT, CLOCK);
  await sweep.begin(dueSweep(attempts), signal);
  return { added: queue.added.sort(), done: queue.done };
}

describe('The repositories of a sweep', () => {
  it('are those of catalog, record and configuration that a rule can cover', async () => {
    const listed = () => iterate('team/listed', 'team/scratch', 'other/listed', 'no//name');
    expect(await begin(listed)).toEqual({
      added: ['team/configured', 'team/listed', 'team/recorded'],
      done: ['listed catalog'],
    });
  });

  it.each<[string, RuleDefinition[]]>([
    ['no rule', []],
    ['a disabled one', [{ ...TEAM, enabled: false }]],
    ["another registry's", [{ ...TEAM, registries: ['elsewhere'] }]],
  ])('are none, and nobody is asked, with %s', async (_, rules) => {
    const asked = () => failing(new Error('It was asked.'));
    expect(await begin(asked, { rules })).toEqual({ added: [], done: ['listed known'] });
  });

  it.each<[string, (() => AsyncIterable<string>) | null, number]>([
    ['its kind has no catalog', null, 1],
    ['it denies the catalog', () => failing(refusal('REGISTRY_DENIED', false)), 1],
    ['it knows no such route', () => failing(refusal('REGISTRY_REFUSED', false)), 1],
    ['it answers a web page', () => failing(refusal('REGISTRY_BAD_ANSWER', false)), 1],
    ['its catalog breaks down for the third time', () => failing(refusal('REGISTRY_REFUSED', true)), 3],
  ])('are those known where %s', async (_, list, attempts) => {
    expect(await begin(list, { attempts })).toEqual({
      added: ['team/configured', 'team/recorded'],
      done: ['listed known'],
    });
  });

  it.each<[string, RegistryError, number, string]>([
    ['it is down', refusal('REGISTRY_UNREACHABLE', true), 1, 'postpone 1000'],
    ['it is down for long', refusal('REGISTRY_UNREACHABLE', true), 20, 'postpone 150000'],
    ['its certificate is bad', refusal('REGISTRY_UNREACHABLE', false), 1, 'postpone 1000'],
    ['its catalog breaks down', refusal('REGISTRY_REFUSED', true), 2, 'postpone 2000'],
    ['it asks for a rest', refusal('REGISTRY_BUSY', true, 90_000), 1, 'postpone 90000'],
  ])('are asked for again later where %s', async (_, error, attempts, expected) => {
    expect((await begin(() => failing(error), { attempts })).done).toEqual([expected]);
  });

  it('are left to another sweeper where this one stops', async () => {
    const stop = () => failing(new Error('aborted'));
    expect((await begin(stop, { signal: AbortSignal.abort() })).done).toEqual(['release']);
  });
});
