import { ensureAdminKey } from '#persistence';
import type { RunningApp } from './run-app.js';

/**
 * Says where to look; at the very first start also the admin key, which is shown here and never again. To the terminal and not to the
 * log: logs are collected, and a key in them would be anybody's.
 */
export async function welcome({ url, runtime, takesWebhooks }: RunningApp): Promise<void> {
  const { configuration, database } = runtime;
  const registries = runtime.registries.list();
  if (database === null) return;
  const { created } = await ensureAdminKey(database.dataSource, configuration.adminKey?.reveal());
  const lines = [
    '',
    `  Tagwarden is at    ${url}`,
    `  API                ${url}/api/v1/tags   (Authorization: Bearer <admin key>)`,
    ...(takesWebhooks ? registries : []).map(({ name }) => `  Webhook of ${name.padEnd(7)} ${url}/hooks/${name}`),
    ...(registries.length > 0 ? [] : ['  No registry is configured yet: see docs/howto/subscribe-a-registry.md']),
    ...(created === undefined
      ? []
      : [
          '',
          `  Admin key          ${created}`,
          '                     Keep it: it is stored as a hash and not shown again.',
        ]),
    '',
    '',
  ];
  process.stdout.write(lines.join('\n'));
}
