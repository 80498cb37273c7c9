import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { renderOpenApi } from '#contracts';
import { schemaStatements } from '#persistence';
import { VERSION } from '#platform';

/** Files that are made from the code and kept in the repository, so that a review shows what changed. `--check` only compares. */
const files = {
  'docs/reference/openapi.json': `${JSON.stringify(renderOpenApi(VERSION), null, 2)}\n`,
  'docs/reference/schema.sql': `-- Made by "npm run generated" from the migrations; not run by anything.\n\n${(await schemaStatements()).join(';\n\n')};\n`,
};

const onDisk = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

mkdirSync('docs/reference', { recursive: true });
const stale = Object.entries(files).filter(([path, text]) => onDisk(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale)
    process.stderr.write(`${path} is out of date. Run "npm run generated" and commit the result.\n`);
  process.exit(stale.length === 0 ? 0 : 1);
}
for (const [path, text] of stale) writeFileSync(path, text);
