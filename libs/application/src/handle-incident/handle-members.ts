import pLimit from 'p-limit';
import { DomainError, messageOf } from '#domain';
import type { Log } from '../ports/log.js';

export type RefusedMember = { readonly violationId: string; readonly code: string; readonly reason: string };
export type MembersHandled = { readonly done: readonly string[]; readonly refused: readonly RefusedMember[] };

/** Each takes a connection to the database, and all wait for the same chain of the audit trail. */
const AT_ONCE = 4;

/** Does the same for each violation, a few at a time. One that refuses, or fails, stops none of the others and is told of. */
export async function handleMembers(
  ids: readonly string[],
  handle: (id: string) => Promise<unknown>,
  log: Log,
): Promise<MembersHandled> {
  const done: string[] = [];
  const refused: RefusedMember[] = [];
  const limit = pLimit(AT_ONCE);
  const one = async (violationId: string) => {
    try {
      await handle(violationId);
      done.push(violationId);
    } catch (error) {
      refused.push(refusalOf(violationId, error, log));
    }
  };
  await Promise.all(ids.map((id) => limit(() => one(id))));
  return { done, refused };
}

/** What says nothing to a person is for the log alone: it may name the inside of the service. */
function refusalOf(violationId: string, error: unknown, log: Log): RefusedMember {
  if (error instanceof DomainError && !error.retriable) return { violationId, code: error.code, reason: error.message };
  log.error(`A violation of an incident could not be handled: ${messageOf(error)}`, { violationId });
  const reason = 'The database or the bus did not answer. Ask again: what is done already is not done twice.';
  return { violationId, code: 'NOT_DONE', reason };
}
