import { z } from 'zod';
import type { Loading } from './loading.js';
import type { Secret } from './secret.js';
import { findUrl, secretKeys } from './values.js';

export type DatabaseConfiguration =
  | { readonly type: 'embedded'; readonly poolSize: number }
  | {
      readonly type: 'postgresql';
      readonly url: Secret;
      /** For the role that owns the schema; null: `url` migrates too. */
      readonly migrationUrl: Secret | null;
      /** PEM of the authority that signed the server's certificate. */
      readonly ca: string | null;
      /** Connections a process. */
      readonly poolSize: number;
    };

const DatabaseSchema = z.strictObject({
  ...secretKeys('url'),
  ...secretKeys('migrationUrl'),
  caFile: z.string().min(1).optional(),
  poolSize: z.int().min(1).max(1000).default(10),
});

const PATH = ['database'];
const SSL_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];

export function loadDatabase(loading: Loading): DatabaseConfiguration | null {
  const section = loading.check(DatabaseSchema, PATH);
  if (!section) return null;
  const before = loading.problems.length;
  const url = loadUrl(loading, section, 'url');
  const migrationUrl = loadUrl(loading, section, 'migrationUrl');
  const ca = section.caFile === undefined ? null : loading.file([...PATH, 'caFile'], section.caFile);
  if (url) return { type: 'postgresql', url, migrationUrl, ca, poolSize: section.poolSize };
  if (loading.problems.length === before && (migrationUrl || ca !== null)) {
    const key = migrationUrl ? 'migrationUrl' : 'caFile';
    loading.report([...PATH, key], 'It has no effect without database.url (DATABASE_URL). Set that, or remove this.');
  }
  return { type: 'embedded', poolSize: section.poolSize };
}

function loadUrl(loading: Loading, section: Readonly<Record<string, unknown>>, key: string): Secret | null {
  const secret = loading.secret(section, PATH, key);
  const problem = secret && problemOf(secret.reveal());
  if (problem) loading.report([...PATH, key], problem);
  return secret;
}

function problemOf(text: string): string | null {
  const url = findUrl(text);
  if (!url || !/^postgres(?:ql)?:$/.test(url.protocol)) {
    return 'It must be a URL such as postgresql://user:password@host:5432/database; special characters percent-encoded.';
  }
  const mode = url.searchParams.get('sslmode');
  return mode === null || SSL_MODES.includes(mode) ? null : `Its sslmode must be one of ${SSL_MODES.join(', ')}.`;
}
