import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { provisionProgram } from './provision-program.js';

/** A client that people use, to check that what we do holds outside our own. */
export function provisionSkopeo(): Promise<string> {
  return provisionProgram({
    names: ['skopeo'],
    debianPackage: 'skopeo',
    variable: 'TAGWARDEN_TEST_SKOPEO',
    elsewhere: 'see https://github.com/containers/skopeo/blob/main/install.md',
  });
}

/** Commands whose options for plain HTTP have other names than `--tls-verify`. */
const PLAIN_HTTP: Readonly<Record<string, readonly string[]>> = {
  copy: ['--src-tls-verify=false', '--dest-tls-verify=false'],
  sync: ['--src-tls-verify=false', '--dest-tls-verify=false'],
};

/** Runs skopeo against registries on plain HTTP, with no signature policy; answers its standard output. */
export async function skopeo(args: readonly string[]): Promise<string> {
  const program = await provisionSkopeo();
  const [command = '--help', ...rest] = args;
  const insecure = PLAIN_HTTP[command] ?? ['--tls-verify=false'];
  try {
    return (await promisify(execFile)(program, ['--insecure-policy', command, ...insecure, ...rest])).stdout;
  } catch (cause) {
    // Without the arguments: they may hold credentials.
    const words = String((cause as { stderr?: string }).stderr ?? '').trim();
    throw new Error(`skopeo ${command} failed: ${words || 'it said nothing'}`);
  }
}
