import { encodeCursor, type Page } from '#contracts';

/** A page of a list that is in memory: what follows the item that the cursor names; nothing where that is gone. */
export function pageOfList<T>(
  list: readonly T[],
  nameOf: (item: T) => string,
  { limit, cursor }: { limit: number; cursor?: readonly [string] | undefined },
): Page<T> {
  const last = cursor === undefined ? -1 : list.findIndex((item) => nameOf(item) === cursor[0]);
  const rest = cursor !== undefined && last === -1 ? [] : list.slice(last + 1);
  const items = rest.slice(0, limit);
  const end = items.at(-1);
  return { items, nextCursor: end !== undefined && rest.length > limit ? encodeCursor([nameOf(end)]) : null };
}
