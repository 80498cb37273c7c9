import { z } from 'zod';
import { RegistryError } from '#application';
import { type FailedCall, refusal } from './distribution/errors.js';
import type { Answer } from './distribution/transport.js';

const text = z.string().catch('');
/** The forms that vendors' APIs give an error in: `__type` and `message`, OAuth 2.0 (RFC 6749, 5.2), `error` with code and message. */
const VendorError = z.object({
  __type: text,
  message: text,
  Message: text,
  error: z.union([z.string(), z.object({ code: z.coerce.string().catch(''), status: text, message: text })]).catch(''),
  error_description: text,
});

export type VendorCodes = {
  /** Codes that say: not with these credentials, or not for them. */
  readonly denied?: readonly string[];
  /** Codes that say: the tag is held immutable. */
  readonly immutable?: readonly string[];
};

/** The error for an answer of a vendor's own API; `errors` has the vendor's code, without a namespace. */
export function vendorRefusal(answer: Answer, call: FailedCall, { denied = [], immutable = [] }: VendorCodes = {}) {
  const said = readVendorError(answer.body.toString('utf8'));
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

function readVendorError(body: string): { code: string; message: string } | null {
  const parsed = VendorError.safeParse(parseJson(body));
  if (!parsed.success) return null;
  const { __type, message, Message, error, error_description } = parsed.data;
  const nested = typeof error === 'string' ? { code: error, status: '', message: '' } : error;
  const code = __type.slice(__type.lastIndexOf('#') + 1) || nested.status || nested.code;
  return code === '' ? null : { code, message: message || Message || error_description || nested.message };
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
