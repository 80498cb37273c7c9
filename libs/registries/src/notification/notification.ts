import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { type Instant, instantOf } from '#domain';
import type { ParsedNotification, RejectedNotification } from '../adapter.js';

/** Intake takes no larger body; a payload that grows when it is written out again is cut here. */
const MAX_PAYLOAD = 1024 * 1024;
/** Real notifications nest 5 deep. Deeper than some thousands, writing JSON out overflows the stack. */
const MAX_DEPTH = 64;
const MAX_CLAIM = 256;
const MAX_SOURCE_ID = 200;

/** What a notification told that told nothing. */
export const NOTHING: ParsedNotification = { events: [], hints: [], ignored: 0, ignoredPulls: 0, rejected: [] };

/** It is understood, and says nothing about tags. */
export const IGNORED: ParsedNotification = { ...NOTHING, ignored: 1 };

/** `payload` is kept for a replay. */
export const notUnderstood = (
  what: 'event' | 'push' | 'message',
  why: string,
  payload: unknown,
): ParsedNotification => ({
  ...NOTHING,
  rejected: [rejection(`The ${what} can't be understood: ${why}`, payload)],
});

/** A notification's JSON, shallow enough to be written out again. */
export function readBody(body: Buffer): { value: unknown } | { rejected: RejectedNotification } {
  const text = body.toString('utf8');
  const reject = (reason: string) => ({ rejected: { reason, payload: storable(text) } });
  try {
    const value: unknown = JSON.parse(text);
    return isShallow(value, MAX_DEPTH) ? { value } : reject(`The body nests deeper than ${MAX_DEPTH} levels.`);
  } catch {
    return reject('The body is not JSON; it may have been cut off on the way.');
  }
}

const isShallow = (value: unknown, depth: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (depth > 0 && Object.values(value).every((child) => isShallow(child, depth - 1)));

export function rejection(reason: string, payload: unknown): RejectedNotification {
  return { reason: kept(reason, 1000), payload: storable(JSON.stringify(payload)) };
}

// As it came, line breaks too, except for what PostgreSQL takes in no text.
const storable = (text: string): string =>
  text
    .slice(0, MAX_PAYLOAD)
    .replaceAll('\0', '\uFFFD')
    .replace(/\p{Cs}/gu, '\uFFFD');

/**
 * The text, cut. Control characters and lone surrogates become U+FFFD: PostgreSQL takes neither in text and jsonb, and
 * a log line or a terminal should not get them either.
 */
export const kept = (text: string, max: number): string => text.slice(0, max).replace(/[\p{Cc}\p{Cs}]/gu, '\uFFFD');

/** The claims that are there, each cut. */
export function claimsOf(claims: Readonly<Record<string, string | null | undefined>>): Record<string, string> {
  const present = Object.entries(claims).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return Object.fromEntries(present.map(([name, value]) => [name, kept(value, MAX_CLAIM)]));
}

export const digestOfText = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The source's own id where it has a usable one: cutting a long one could make two events one, so it is hashed. */
export function idOrHash(id: string | null | undefined, hashBody: () => string): string {
  if (!id) return `sha256-${hashBody()}`;
  return id.length <= MAX_SOURCE_ID && id === kept(id, MAX_SOURCE_ID) ? id : `sha256-${digestOfText(id)}`;
}

/** What is wrong with a body, for a sentence; names only our own fields. */
export const whyInvalid = (error: z.ZodError): string =>
  error.issues
    .slice(0, 3)
    .map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`)
    .join('; ');

const MAX_EPOCH_SECONDS = 8.64e12;

/** The time of seconds since the epoch, to the millisecond; null where it is none. */
export const findInstantOfSeconds = (seconds: number | null): Instant | null =>
  seconds !== null && seconds > 0 && seconds < MAX_EPOCH_SECONDS ? instantOf(Math.round(seconds * 1000)) : null;
