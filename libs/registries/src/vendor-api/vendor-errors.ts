import { z } from 'zod';
import { RegistryError } from '#application';
import { type FailedCall, refusal } from '../distribution/errors.js';
import type { Answer } from '../distribution/transport.js';
import { parseJson } from '../parse-json.js';

const text = z.string().catch('');

/** Where vendors' APIs put their code and their sentence; `error` and `error_description` are OAuth 2.0's (RFC 6749, 5.2). */
const VendorError = z.object({
  __type: text,
  error_type: text,
  error_message: text,
  message: text,
  Message: text,
  detail: text,
  error: z.union([z.string(), z.object({ code: z.coerce.string().catch(''), status: text, message: text })]).catch(''),
  error_description: text,
  errors: z.unknown().optional(),
});

export type VendorCodes = {
  /** Codes that say: not with these credentials, or not for them. */
  readonly denied?: readonly string[];
  /** Codes that say: the tag is held immutable. */
  readonly immutable?: readonly string[];
};

/** The error for an answer of a vendor's own API; `errors` has the vendor's code, without a namespace. */
export function vendorRefusal(answer: Answer, call: FailedCall, { denied = [], immutable = [] }: VendorCodes = {}) {
  const said = saidBy(parseJson(answer.body));
  const body = said === null ? answer.body : Buffer.from(JSON.stringify({ errors: [said] }));
  const error = refusal({ ...answer, body }, call);
  const code = error.errors[0]?.code ?? '';
  if (immutable.includes(code)) return recoded(error, 'REGISTRY_IMMUTABLE');
  return denied.includes(code) ? recoded(error, 'REGISTRY_DENIED') : error;
}

/** Whether a failed call failed with this code of the vendor's. */
export const saysCode = (error: unknown, code: string): boolean =>
  error instanceof RegistryError && error.errors.some((each) => each.code === code);

const ADVICE = {
  REGISTRY_IMMUTABLE: 'The registry itself holds the tag immutable: unlock it there, then restore by hand.',
  REGISTRY_DENIED: 'Check the credentials configured for this registry, and what they may do.',
} as const;

function recoded(error: RegistryError, code: keyof typeof ADVICE): RegistryError {
  const { message, errors, status } = error;
  return new RegistryError(code, `${message} ${ADVICE[code]}`, { errors, ...(status === null ? {} : { status }) });
}

/** null where nothing is said, or where it stands as the distribution-spec has it already. */
function saidBy(body: unknown): { code: string; message: string } | null {
  const parsed = VendorError.safeParse(body);
  if (!parsed.success || parsed.data.errors !== undefined) return null;
  const { __type, error_type, error, ...words } = parsed.data;
  const { code, message } = readError(error);
  const named = __type.slice(__type.lastIndexOf('#') + 1) || error_type || code;
  const { error_message, message: own, Message, detail, error_description } = words;
  const sentence = error_message || own || Message || detail || error_description || message;
  return named === '' && sentence === '' ? null : { code: named || 'ERROR', message: sentence };
}

/** Some write a code there, some a sentence. */
function readError(error: z.output<typeof VendorError>['error']): { code: string; message: string } {
  if (typeof error !== 'string') return { code: error.status || error.code, message: error.message };
  return /^[\w.-]+$/.test(error) ? { code: error, message: '' } : { code: '', message: error };
}
