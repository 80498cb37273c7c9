const EXCERPT_LENGTH = 300;
/** Shorter parts of a path are words such as `hooks`; tokens are longer. */
const SECRET_LENGTH = 6;

/** 408 timed out, 409 conflict, 425 too early, 429 too many: the same request may succeed later. Other 4xx, and 3xx, will not. */
export const statusIsRetriable = (status: number): boolean => status >= 500 || [408, 409, 425, 429].includes(status);

export function sentenceFor(origin: string, status: number, excerpt: string): string {
  const said = excerpt === '' ? '' : `: ${JSON.stringify(excerpt)}`;
  return `${origin} answered ${status}${said}.${adviceFor(status)}`;
}

function adviceFor(status: number): string {
  if (status >= 300 && status < 400) return ' Redirects are not followed: configure the URL that it redirects to.';
  if (status === 401 || status === 403) return " Check the channel's URL and secret.";
  if (status === 404 || status === 410) return ' The receiver is gone: configure its new URL, or remove the channel.';
  return '';
}

/** One line of an answer. Receivers like to echo the path they were called by: its parts are taken out. */
export function excerptOf(body: string, url: URL): string {
  let text = body;
  for (const secret of secretsOf(url)) text = text.replaceAll(secret, '…');
  return [...text.replace(/[\p{Cc}\s]+/gu, ' ').trim()].slice(0, EXCERPT_LENGTH).join('');
}

function secretsOf(url: URL): string[] {
  const raw = [...url.pathname.split('/'), ...url.search.slice(1).split(/[&=]/)];
  const parts = [...raw, ...url.searchParams.values(), ...raw.map(decoded)].filter(
    (part) => part.length >= SECRET_LENGTH,
  );
  return [...new Set(parts)].sort((a, b) => b.length - a.length);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // A lone % is legal in a URL.
  }
}

/** Seconds or an HTTP date (RFC 9110, 10.2.3); null when absent or malformed. */
export function retryAfterMs(header: string | string[] | undefined, nowMs: number): number | null {
  const value = (Array.isArray(header) ? header[0] : header)?.trim();
  if (!value) return null;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}
