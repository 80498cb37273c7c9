import pg from 'pg';
import type { Instant } from '#domain';

const TIMESTAMPTZ_OID = 1184;

/** `2026-08-20 09:14:03.5+00`, as PostgreSQL writes it in a session whose time zone is UTC. */
export function instantOfColumn(text: string): Instant {
  const fraction = text.length > 22 ? text.slice(20, -3) : '';
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.padEnd(6, '0')}Z` as Instant;
}

/** Times keep their microseconds on the way out: the driver's own `Date` would cut them off, and change the order of events. */
export const COLUMN_TYPES = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === TIMESTAMPTZ_OID && format !== 'binary') return instantOfColumn;
    return pg.types.getTypeParser(oid, format);
  },
};
