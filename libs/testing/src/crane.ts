import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { provisionGoProgram } from './provision-go-program.js';

/** A second client that people use, which shares no code with skopeo. */
export function provisionCrane(): Promise<string> {
  return provisionGoProgram({
    package: 'github.com/google/go-containerregistry/cmd/crane',
    version: 'v0.22.1',
    go: '1.25',
    variable: 'TAGWARDEN_TEST_CRANE',
  });
}

/** Runs crane, which speaks plain HTTP to loopback by itself; answers its standard output. */
export async function crane(args: readonly string[]): Promise<string> {
  const program = await provisionCrane();
  try {
    return (await promisify(execFile)(program, [...args])).stdout;
  } catch (cause) {
    // Without the arguments: they may hold credentials.
    const words = String((cause as { stderr?: string }).stderr ?? '').trim();
    throw new Error(`crane ${args[0] ?? ''} failed: ${words || 'it said nothing'}`);
  }
}
