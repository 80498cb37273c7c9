import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const OUTPUT_KEPT = 4_000;
/** As `npm start` has them. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/** The root of what was built: `dist/`. */
const BUILT = new URL('../../', import.meta.url);

export type Child = {
  /** Resolves with the next message of this type; rejects should the process end first. */
  message<T extends { type: string }>(type: T['type']): Promise<T>;
  send(message: object): void;
  stop(): Promise<void>;
};

/** Starts a script of the build, e.g. `apps/intake/src/main.js`, with nothing configured but `env`. */
export function startScript(script: string, args: readonly string[], env: Readonly<Record<string, string>>): Child {
  const child = spawn(process.execPath, [...NODE_FLAGS, fileURLToPath(new URL(script, BUILT)), ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...unconfigured(process.env), ...env },
  });
  let output = '';
  const keepTheEnd = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-OUTPUT_KEPT);
  };
  child.stdout?.on('data', keepTheEnd);
  child.stderr?.on('data', keepTheEnd);
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  return {
    message: (type) => nextMessage(child, type, () => `${script} ended: ${output || 'it printed nothing'}`),
    send: (message) => child.send(message),
    stop: async () => {
      await end(child);
      process.removeListener('exit', killAtExit);
    },
  };
}

/** What the shell of whoever runs the bench has configured must not reach what is measured. */
function unconfigured(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const configures = /^(TAGWARDEN_|KAFKA_|DATABASE_)|^NODE_OPTIONS$/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !configures.test(name)));
}

function nextMessage<T extends { type: string }>(child: ChildProcess, type: string, why: () => string): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      child.off('message', hear);
      child.off('exit', gone);
      act();
    };
    const hear = (message: T) => {
      if (message.type === type) settle(() => resolve(message));
    };
    const gone = () => settle(() => reject(new Error(why())));
    child.on('message', hear);
    child.once('exit', gone);
    if (hasEnded(child)) gone();
  });
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const patience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await exited;
  clearTimeout(patience);
}

/** Until an app of ours says that it can do its work. */
export async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  let last: unknown;
  while (Date.now() < deadline) {
    const answer = await fetch(`${url}/readyz`).catch((error: unknown) => {
      last = error;
      return null;
    });
    last = answer === null ? last : `${answer.status} ${await answer.text()}`;
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`${url} was not ready within a minute: ${String(last)}`);
}
