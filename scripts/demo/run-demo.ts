import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#domain';
import { buildIndex } from '#testing';
import { choosePort } from './choose-port.js';
import { Cleanup } from './cleanup.js';
import { Interruption, listenForInterruption } from './interruption.js';
import { hookUrl } from './registry/demo-registry.js';
import { startRegistry } from './registry/start-registry.js';
import { QuietLog } from './service/quiet-log.js';
import { ServiceApi } from './service/service-api.js';
import { REGISTRY_NAME, RULE, startService } from './service/start-service.js';
import { deleteByDigest, deleteByTag } from './story/delete-release.js';
import { invite } from './story/invite.js';
import { overwriteRelease } from './story/overwrite-release.js';
import { pushRelease } from './story/push-release.js';
import type { Scene } from './story/scene.js';
import { showRecord } from './story/show-record.js';
import { formatMs, type Terminal } from './terminal.js';

const WANTED_PORT = 8080;

type Stage = {
  readonly terminal: Terminal;
  readonly cleanup: Cleanup;
  readonly log: QuietLog;
  readonly signal: AbortSignal;
};

/** The whole demo, and the end of everything that it started; answers the exit code. */
export async function runDemo({ once: endsAlone }: { readonly once: boolean }, terminal: Terminal): Promise<number> {
  const signal = listenForInterruption(terminal);
  const stage: Stage = { terminal, signal, cleanup: new Cleanup(terminal), log: new QuietLog(terminal) };
  const exitCode = await tellStory(stage, endsAlone).catch((error: unknown) => explain(error, stage));
  const isClean = await stage.cleanup.run();
  if (isClean) terminal.aside('Stopped, and its files removed.');
  return isClean ? exitCode : exitCode || 1;
}

async function tellStory(stage: Stage, endsAlone: boolean): Promise<number> {
  const { terminal, signal, log } = stage;
  terminal.title('Tagwarden: immutable tags on a registry that has none');
  const folder = await makeFolder(stage.cleanup);
  const scene = await setTheScene(stage, folder);
  await pushRelease(scene);
  await overwriteRelease(scene);
  await deleteByDigest(scene);
  await deleteByTag(scene);
  await showRecord(scene);
  if (endsAlone) return 0;
  invite(scene, folder);
  log.goLive();
  if (!signal.aborted) await once(signal, 'abort');
  log.goQuiet();
  // The story was told: this is how it is meant to end.
  return 0;
}

async function setTheScene(stage: Stage, folder: string): Promise<Scene> {
  const { terminal, signal, cleanup, log } = stage;
  const hook = {
    port: await choosePort(WANTED_PORT),
    path: `/hooks/${REGISTRY_NAME}`,
    token: randomBytes(24).toString('base64url'),
  };
  terminal.step('Start a real registry');
  const registry = await startRegistry({ hook, folder, terminal, cleanup, signal });
  signal.throwIfAborted();
  terminal.done(`It listens on ${registry.host}, and notifies ${hookUrl(hook)}. ${registry.origin}`);

  terminal.step('Start Tagwarden, with its own PostgreSQL');
  if (hook.port !== WANTED_PORT) terminal.say(`Port ${WANTED_PORT} is taken: using ${hook.port}.`);
  const startedAt = performance.now();
  const service = await startService({ port: hook.port, registry, hookToken: hook.token, folder, log, cleanup });
  signal.throwIfAborted();
  terminal.done(`Ready at ${service.url} after ${formatMs(performance.now() - startedAt)}.`);
  terminal.say(`Its rule: tags ${RULE.tags} of ${RULE.repositories} must be neither overwritten nor deleted.`);
  const api = new ServiceApi(service, signal);
  return { registry, service, api, terminal, signal, original: buildIndex('release'), other: buildIndex('impostor') };
}

async function makeFolder(cleanup: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tagwarden-demo-'));
  cleanup.add(folder, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  // PostgreSQL runs as another user when we are root, and has to pass through.
  await chmod(folder, 0o711);
  return folder;
}

/** Time for a signal to arrive: Ctrl-C reaches the registry as well, and its broken connections may be noticed first. */
const SIGNAL_DELAY_MS = 200;

async function explain(error: unknown, { terminal, signal, log }: Stage): Promise<number> {
  await sleep(SIGNAL_DELAY_MS);
  const { reason } = signal;
  if (reason instanceof Interruption) {
    terminal.aside(reason.message);
    return reason.exitCode;
  }
  terminal.failed(messageOf(error));
  for (const line of log.lastWords) terminal.aside(`Tagwarden said: ${line}`);
  return 1;
}
