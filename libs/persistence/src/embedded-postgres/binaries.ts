import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedPostgresError } from './embedded-postgres.errors.js';

/** Gives the file that a package's name resolves to; throws where it is not installed. */
export type ResolvePackage = (name: string) => string;

export type Binaries = { readonly folder: string; readonly version: string };

const resolveInstalled: ResolvePackage = (name) => createRequire(import.meta.url).resolve(name);

/** The folder of the npm package that ships PostgreSQL for this machine. */
export function findBinaryPackage(resolvePackage: ResolvePackage = resolveInstalled): string {
  const machine = `${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(resolvePackage(`@embedded-postgres/${machine}`)));
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'EMBEDDED_POSTGRES_UNAVAILABLE',
      `There is no embedded PostgreSQL for ${machine} in this installation. Set DATABASE_URL to a PostgreSQL 15 or newer; ` +
        'or, on Linux or macOS, install again without omitting optional dependencies.',
      { cause },
    );
  }
}

/**
 * Copies the binaries to `<root>/bin-<version>`, once. They do not run from node_modules: the account they run as may not get there,
 * and the package's links between libraries are made by an install script, which npm 11 does not run.
 */
export async function installBinaries(packageFolder: string, root: string): Promise<Binaries> {
  const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as { version: string };
  const folder = join(root, `bin-${version}`);
  const present = await stat(folder).catch(() => null);
  if (present === null) {
    const draft = join(root, `bin-${version}.new`);
    await rm(draft, { recursive: true, force: true });
    await copyReadable(join(packageFolder, 'native'), draft);
    await makeLinks(packageFolder, draft);
    await rename(draft, folder);
  }
  return { folder, version };
}

/** Binaries of other versions: 60 MB each, and of no use once the server runs from the current ones. */
export async function removeOtherBinaries(root: string, current: Binaries): Promise<void> {
  for (const name of await readdir(root)) {
    if (name.startsWith('bin-') && join(root, name) !== current.folder) {
      await rm(join(root, name), { recursive: true, force: true });
    }
  }
}

/** Readable for everybody, whatever the modes and umask of the installation. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyReadable(source, target);
    // Links are made from the package's list; static libraries and the list itself serve no server.
    else if (entry.isFile() && !/\.(a|json)$/.test(entry.name)) {
      await copyFile(source, target);
      await chmod(target, 0o755);
    }
  }
}

/** `pg-symlinks.json`: `[{source: "native/lib/libpq.so.5.18", target: "native/lib/libpq.so.5"}, …]`, the target being the link. */
async function makeLinks(packageFolder: string, folder: string): Promise<void> {
  const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(folder, relative('native', target));
    const file = join(folder, relative('native', source));
    // Where the packaging followed the link there is a file in its place already.
    await symlink(relative(dirname(link), file), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
