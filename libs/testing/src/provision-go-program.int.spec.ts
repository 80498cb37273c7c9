import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type GoProgram, provisionGoProgram } from './provision-go-program.js';

const PROGRAM: GoProgram = {
  package: 'example.com/tools/cmd/tool',
  version: 'v1.2.3',
  go: '1.25',
  variable: 'TAGWARDEN_TEST_NO_SUCH_TOOL',
};

/** A `go` of our own stands in: what is tested is what surrounds it. */
describe('A program to be built by Go', () => {
  const path = process.env.PATH;
  let folder: string;
  let cache: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-go-'));
    cache = join(folder, 'cache');
    await mkdir(join(folder, 'bin'));
    process.env.PATH = join(folder, 'bin');
  });
  afterEach(async () => {
    process.env.PATH = path;
    delete process.env[PROGRAM.variable];
    await rm(folder, { recursive: true, force: true });
  });

  const writeProgram = async (at: string, script: string) => {
    await writeFile(at, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
    await chmod(at, 0o755);
    return at;
  };
  const go = (script: string) => writeProgram(join(folder, 'bin/go'), `echo "$@" >> ${folder}/calls\n${script}`);
  const calls = async () => (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n');
  const BUILDS = 'sleep 0.3; touch "$GOBIN/tool"; chmod +x "$GOBIN/tool"';

  it('is built once at its pinned version, however many ask at a time', async () => {
    await go(BUILDS);
    const paths = await Promise.all([1, 2, 3].map(() => provisionGoProgram(PROGRAM, cache)));
    paths.push(await provisionGoProgram(PROGRAM, cache));
    expect(new Set(paths)).toEqual(new Set([join(cache, 'tool-v1.2.3/tool')]));
    expect(await calls()).toEqual(['install -trimpath -ldflags=-s -w example.com/tools/cmd/tool@v1.2.3']);
    expect(await readdir(cache)).toEqual(['tool-v1.2.3']);
  });

  it('leaves nothing behind where the build fails, says what Go said, and builds when asked again', async () => {
    await go('touch "$GOBIN/tool"; echo "module needs go >= 1.99" >&2; exit 1');
    await expect(provisionGoProgram(PROGRAM, cache)).rejects.toThrow(
      /could not build example\.com.*@v1\.2\.3: module needs go >= 1\.99\..*TAGWARDEN_TEST_NO_SUCH_TOOL/,
    );
    expect(await readdir(cache)).toEqual([]);
    await go(BUILDS);
    expect(await provisionGoProgram(PROGRAM, cache)).toBe(join(cache, 'tool-v1.2.3/tool'));
  });

  it('takes over from a process that died while it built', async () => {
    await go(BUILDS);
    await mkdir(join(cache, 'tool-v1.2.3.lock'), { recursive: true });
    // Above the greatest process id that Linux or macOS gives.
    await writeFile(join(cache, 'tool-v1.2.3.lock/pid'), '2147483646');
    expect(await provisionGoProgram(PROGRAM, cache)).toBe(join(cache, 'tool-v1.2.3/tool'));
    expect(await readdir(cache)).toEqual(['tool-v1.2.3']);
  });

  it('is asked for in a sentence where there is no Go', async () => {
    await expect(provisionGoProgram(PROGRAM, cache)).rejects.toThrow(
      /has to be built, and there is no Go\. Install Go 1\.25 or newer, or name a program .* in TAGWARDEN_TEST_NO_SUCH_TOOL\./,
    );
  });

  it('is taken from where the variable says, or refused there', async () => {
    const own = await writeProgram(join(folder, 'own'), 'true');
    process.env[PROGRAM.variable] = own;
    expect(await provisionGoProgram(PROGRAM, cache)).toBe(own);
    process.env[PROGRAM.variable] = folder.concat('/none');
    await expect(provisionGoProgram(PROGRAM, cache)).rejects.toThrow(/which is no program that can be run/);
  });
});
