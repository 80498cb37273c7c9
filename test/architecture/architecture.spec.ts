import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import configuration from './dependency-cruiser.mjs';
import { SEEDED_IMPORTS, SEEDED_WORDS, SOUND_FILES } from './seeded-violations.js';
import { findForbiddenWords, WORD_RULES } from './word-rules.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIGURATION = fileURLToPath(new URL('dependency-cruiser.mjs', import.meta.url));
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const LAYERS = ['apps', 'libs', 'test', 'scripts'];
const PATIENCE_MS = 60_000;

type Module = { readonly source: string; readonly dependencies: readonly { readonly resolved: string }[] };
type Broken = { readonly rule: { readonly name: string }; readonly from: string; readonly to: string };
type Cruise = { readonly modules: readonly Module[]; readonly summary: { readonly violations: readonly Broken[] } };

/** In a process of its own: dependency-cruiser loads the compiler in ways that jest's module loader does not know. */
async function cruise(folder: string): Promise<Cruise> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [CRUISER, '--config', CONFIGURATION, '--output-type', 'json', '--no-progress', ...LAYERS],
    { cwd: folder, maxBuffer: 256 * 1024 * 1024, env: { ...process.env, NODE_OPTIONS: '' } },
    // It exits with the number of broken rules.
  ).catch((error: { stdout?: string; stderr?: string }) => {
    if (error.stdout?.startsWith('{')) return { stdout: error.stdout };
    throw new Error(`dependency-cruiser failed: ${error.stderr ?? String(error)}`);
  });
  return JSON.parse(stdout) as Cruise;
}

const brokenBy = ({ summary }: Cruise, rule: string): string[] =>
  summary.violations.filter((one) => one.rule.name === rule).map(({ from, to }) => `${from} → ${to}`);

const RULES = configuration.forbidden.map(({ name }) => name);

describe('the architecture', () => {
  let code: Cruise;

  beforeAll(async () => {
    code = await cruise(ROOT);
  }, PATIENCE_MS);

  it('is seen whole: every library, and the ways between them', () => {
    const doors = [
      'domain',
      'contracts',
      'application',
      'registries',
      'alerts',
      'persistence',
      'messaging',
      'platform',
    ];
    const reached = new Set(code.modules.flatMap(({ dependencies }) => dependencies.map(({ resolved }) => resolved)));
    for (const lib of [...doors, 'testing']) expect(reached).toContain(`libs/${lib}/src/index.ts`);
    expect(code.modules.length).toBeGreaterThan(300);
  });

  it.each(RULES)('%s', (rule) => {
    expect(brokenBy(code, rule)).toEqual([]);
  });

  it.each(WORD_RULES)('$name', async (rule) => {
    const files = code.modules.map(({ source }) => source).filter((source) => /^(apps|libs)\/.*\.ts$/.test(source));
    expect(await findForbiddenWords(rule, files, (file) => readFile(join(ROOT, file), 'utf8'))).toEqual([]);
  });
});

/** A rule that cannot fail protects nothing: a small copy of the layout breaks each of them once. */
describe('the rules themselves', () => {
  let folder: string;
  let seeded: Cruise;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tagwarden-architecture-'));
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
    for (const layer of LAYERS) await mkdir(join(folder, layer));
    const files = [...SOUND_FILES, ...SEEDED_IMPORTS.flatMap((seed) => seed.files)];
    for (const [path, source] of files) await write(path, source);
    seeded = await cruise(folder);
  }, PATIENCE_MS);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function write(path: string, source: string): Promise<void> {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), source);
  }

  it('each have a violation to find', () => {
    expect([...new Set(SEEDED_IMPORTS.map(({ rule }) => rule))].sort()).toEqual([...RULES].sort());
    expect([...new Set(SEEDED_WORDS.map(({ rule }) => rule))].sort()).toEqual(
      WORD_RULES.map(({ name }) => name).sort(),
    );
  });

  it.each(SEEDED_IMPORTS)('$rule finds $files.0.0', ({ rule, files }) => {
    const [[path]] = files;
    expect(brokenBy(seeded, rule).filter((one) => one.startsWith(`${path} → `))).not.toEqual([]);
  });

  it.each(SEEDED_WORDS)('"$rule" finds $path', async ({ rule, path, source }) => {
    const found = await findForbiddenWords(WORD_RULES.find(({ name }) => name === rule)!, [path], async () => source);
    expect(found).toHaveLength(1);
  });

  it('let pass what is sound', () => {
    const sound = new Set(SOUND_FILES.map(([path]) => path));
    const broken = seeded.summary.violations.filter(({ from }) => sound.has(relative('', from)));
    expect(broken.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([]);
  });
});
