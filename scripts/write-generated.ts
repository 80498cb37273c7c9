import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { renderOpenApi } from '#contracts';

/** Files that are made from the code and kept in the repository, so that a change of them can be seen in a review. */
mkdirSync('docs/reference', { recursive: true });
writeFileSync('docs/reference/openapi.json', `${JSON.stringify(renderOpenApi(), null, 2)}\n`);

if (process.argv.includes('--check')) {
  const changed = execFileSync('git', ['status', '--porcelain', '--', 'docs/reference/openapi.json'], { encoding: 'utf8' });
  if (changed !== '') {
    process.stderr.write('docs/reference/openapi.json is out of date. Run "npm run generated" and commit the result.\n');
    process.exit(1);
  }
}
