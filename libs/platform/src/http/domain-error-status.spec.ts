import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { STATUS_BY_CODE } from './domain-error-status.js';

const CONSTRUCTED = /(?:new (?:DomainError|RegistryError)|super)\(\s*'([A-Za-z_]+)'/g;
/** Codes that are handed on: a union of literals, or a table of them. */
const DECLARED = /^\s*\| '([A-Z]+_[A-Z_]+)'/gm;

function codesInSources(): string[] {
  const files = ['apps', 'libs'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' }).map((path) => `${root}/${path}`),
  );
  const sources = files.filter(
    (path) => path.endsWith('.ts') && !/\.spec\.ts$|node_modules|apps\/(?:console|cli)\/|libs\/testing\//.test(path),
  );
  const codes = sources.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(CONSTRUCTED), ...text.matchAll(DECLARED)].map(([, code]) => code!);
  });
  return [...new Set(codes)].filter((code) => code.includes('_')).sort();
}

describe('STATUS_BY_CODE', () => {
  it('has every code that a DomainError is made with', () => {
    const codes = codesInSources();
    expect(codes).toContain('VIOLATION_UNKNOWN');
    expect(codes.filter((code) => !(code in STATUS_BY_CODE))).toEqual([]);
  });

  it('has no code that is gone', () => {
    const codes = codesInSources();
    expect(Object.keys(STATUS_BY_CODE).filter((code) => !codes.includes(code))).toEqual([]);
  });
});
