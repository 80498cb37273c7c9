import { z } from 'zod';
import { messageOf } from '#domain';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DURATION = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;

/** `500ms`, `30s`, `5m`, `24h`, `7d`, as milliseconds; null for anything else. */
export function findDurationMs(text: string): number | null {
  const [, count, unit] = DURATION.exec(text) ?? [];
  return count === undefined ? null : Math.round(Number(count) * UNITS[unit as keyof typeof UNITS]);
}

/** A duration between two others, as milliseconds. */
export function duration(least: string, most: string) {
  const [leastMs, mostMs] = [findDurationMs(least) ?? 0, findDurationMs(most) ?? Number.POSITIVE_INFINITY];
  return parsedText(z.string(), (value) => {
    const ms = findDurationMs(value);
    if (ms === null) throw new Error('It must be a duration such as 500ms, 30s, 5m, 24h or 7d.');
    if (ms < leastMs || ms > mostMs) throw new Error(`It must be between ${least} and ${most}.`);
    return ms;
  });
}

/** A text taken through a parser whose error becomes the problem. */
export function parsedText<T>(schema: z.ZodString, parse: (value: string) => T) {
  return schema.transform((value, context): T => {
    try {
      return parse(value);
    } catch (error) {
      context.issues.push({ code: 'custom', message: messageOf(error), input: value });
      return z.NEVER;
    }
  });
}

type SecretShape<K extends string> = { [P in K | `${K}Env` | `${K}File`]: z.ZodOptional<z.ZodString> };

/** The three ways to give a secret: `key` itself, `keyEnv` names a variable, `keyFile` a file. */
export function secretKeys<K extends string>(key: K): SecretShape<K> {
  const value = z.string().min(1).optional();
  return { [key]: value, [`${key}Env`]: value, [`${key}File`]: value } as SecretShape<K>;
}

export const findUrl = (value: string): URL | null => (URL.canParse(value) ? new URL(value) : null);
