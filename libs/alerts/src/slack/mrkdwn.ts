const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Text from outside for a Slack text object: the three control characters escaped (so no links and no @channel), one line, at most
 * `limit` characters with no entity cut in half.
 */
export function escapeMrkdwn(text: string, limit: number): string {
  let escaped = '';
  for (const character of oneLine(text)) {
    const next = ENTITIES[character] ?? character;
    if (escaped.length + next.length > limit - 1) return `${escaped}…`;
    escaped += next;
  }
  return escaped;
}

/** The same as inline code, where a backtick would end it. */
export const inlineCode = (text: string, limit: number): string =>
  `\`${escapeMrkdwn(text.replaceAll('`', "'"), limit - 2)}\``;

/** For `plain_text`, which has no markup. */
export function plainText(text: string, limit: number): string {
  const line = oneLine(text);
  return line.length <= limit ? line : `${line.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

// Format characters (Cf) include those that turn the direction of writing around; Cs are halves of characters.
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\s]+/gu, ' ').trim();
