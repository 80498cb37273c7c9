import { z } from 'zod';
import type { Answer } from './distribution/transport.js';

const text = z.string().catch('');

/** Where vendors' APIs put their sentence, and the code beside it. */
const Words = z.object({
  error_type: text,
  error_message: text,
  message: text,
  detail: text,
  error: text,
});

/** A vendor's answer with its words where the distribution-spec has them: `{"errors": [{ code, message }]}`. */
export function saidBy(answer: Answer): Answer {
  const body = parseJson(answer.body.toString('utf8'));
  const words = Words.safeParse(body);
  if (!words.success || hasErrors(body)) return answer;
  const { error_type, error_message, message, detail, error } = words.data;
  const said = error_message || message || detail || error;
  if (said === '') return answer;
  const errors = [{ code: error_type || 'ERROR', message: said }];
  return { ...answer, body: Buffer.from(JSON.stringify({ errors })) };
}

const hasErrors = (body: unknown): boolean => typeof body === 'object' && body !== null && 'errors' in body;

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
