import { DomainError } from './domain-error.js';

/**
 * A UTC time as `YYYY-MM-DDTHH:MM:SS.ffffffZ`: fixed width, so that comparing strings compares times. Microseconds, because
 * that is what PostgreSQL keeps, and because two pushes of one tag within a millisecond must not change places.
 */
export type Instant = string & { readonly __brand: 'Instant' };

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):?(\d\d)?)$/;
const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** JavaScript reads February 31st as March 3rd and hour 24 as the next day; PostgreSQL refuses both. */
function isOnCalendar(text: string): boolean {
  const epochMs = Date.parse(`${text.slice(0, 19)}Z`);
  return !Number.isNaN(epochMs) && new Date(epochMs).toISOString().slice(0, 19) === text.slice(0, 19);
}

/** The time of an RFC 3339 text (offsets `Z`, `+hh:mm`, `+hhmm`, `+hh`; any number of fraction digits), or null. */
export function findInstant(text: string): Instant | null {
  if (CANONICAL.test(text)) return isOnCalendar(text) ? (text as Instant) : null;
  const parts = RFC3339.exec(text);
  if (!parts) return null;
  const [, year, month, day, hour, minute, second, fraction = '', , sign, offsetHour = '0', offsetMinute = '0'] = parts;
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (!isOnCalendar(local)) return null;
  const wholeSeconds = Date.parse(`${local}Z`);
  return `${new Date(wholeSeconds - offset).toISOString().slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z` as Instant;
}

export function parseInstant(text: string): Instant {
  const instant = findInstant(text);
  if (instant === null)
    throw new DomainError(
      'MALFORMED_TIME',
      `${JSON.stringify(text.slice(0, 60))} is not an RFC 3339 time such as 2026-08-20T09:14:03Z.`,
    );
  return instant;
}

/** From milliseconds since the epoch. */
export const instantOf = (epochMs: number): Instant => `${new Date(epochMs).toISOString().slice(0, 23)}000Z` as Instant;

/** Milliseconds since the epoch, the microseconds cut off. */
export const epochMsOf = (instant: Instant): number => Date.parse(instant);

/** Shifts by whole milliseconds and keeps the microseconds. */
export function addMs(instant: Instant, ms: number): Instant {
  return `${new Date(epochMsOf(instant) + ms).toISOString().slice(0, 23)}${instant.slice(23, 26)}Z` as Instant;
}

const DAY_MS = 86_400_000;

/**
 * When an event happened, as far as it can be believed: its own time clamped to [received − 24 h, received]; the time received
 * where the event has none or a zero one (year 0001 or before 1971).
 */
export function believableTime(claimed: Instant | null, received: Instant): Instant {
  if (claimed === null || claimed < '1971') return received;
  const earliest = addMs(received, -DAY_MS);
  if (claimed < earliest) return earliest;
  return claimed > received ? received : claimed;
}
