import type { Page } from '#contracts';

/** The conditions of a statement and their values. Only what is asked for gets in, so that the planner sees which index serves. */
export class Selection {
  readonly values: unknown[] = [];
  private readonly conditions: string[] = [];

  /** `?` stands for the value in each condition; undefined asks for nothing. */
  where(condition: string, value: unknown): this {
    if (value === undefined) return this;
    this.conditions.push(condition.replace('?', () => this.bind(value)));
    return this;
  }

  /** A condition that is always asked for. */
  that(condition: string): this {
    this.conditions.push(condition);
    return this;
  }

  /** Rows whose sort keys come after (`>`) or before (`<`) those of a page's last item. */
  beyond(columns: readonly string[], direction: '<' | '>', keys: readonly unknown[] | undefined): this {
    if (keys === undefined) return this;
    const places = keys.map((key) => this.bind(key));
    this.conditions.push(`(${columns.join(', ')}) ${direction} (${places.join(', ')})`);
    return this;
  }

  bind(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  toString(): string {
    return this.conditions.length === 0 ? '' : `WHERE ${this.conditions.join(' AND ')}`;
  }
}

/** A page of rows, of which one more than the limit was asked for. */
export function cutPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  itemOf: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(itemOf),
    nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null,
  };
}
