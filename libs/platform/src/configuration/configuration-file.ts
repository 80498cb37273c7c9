import { resolve } from 'node:path';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { ConfigurationError } from './configuration-error.js';
import type { Environment } from './environment.js';
import { isMapping, type KeyPath } from './key-path.js';

/** Reads a text file; throws as `fs.readFileSync` does. */
export type ReadFile = (path: string) => string;

const DEFAULT_NAME = 'tagwarden.yaml';

/** tagwarden.yaml, and on which line each of its keys stands. */
export class ConfigurationFile {
  private constructor(
    /** As messages name it. */
    readonly name: string,
    readonly absolutePath: string,
    readonly values: Record<string, unknown>,
    private readonly document: Document,
    private readonly lines: LineCounter,
  ) {}

  /** null where `TAGWARDEN_CONFIG` is not set and the folder has no tagwarden.yaml. Throws `ConfigurationError`. */
  static find(env: Environment, cwd: string, readFile: ReadFile): ConfigurationFile | null {
    const named = env.TAGWARDEN_CONFIG || undefined;
    const name = named ?? DEFAULT_NAME;
    const text = readOptional(resolve(cwd, name), readFile, name);
    if (text !== null) return ConfigurationFile.parse(name, resolve(cwd, name), text);
    if (named === undefined) return null;
    throw refusal('TAGWARDEN_CONFIG', `The file ${name} does not exist. Create it, or unset the variable.`);
  }

  private static parse(name: string, absolutePath: string, text: string): ConfigurationFile {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
    if (document.errors.length > 0) {
      throw new ConfigurationError(
        document.errors.map(({ message, pos }) => ({
          path: '',
          origin: `${name}:${lines.linePos(pos[0]).line}`,
          message: `This is not valid YAML: ${message}`,
        })),
      );
    }
    const values = toValues(document, name);
    return new ConfigurationFile(name, absolutePath, values, document, lines);
  }

  /** `tagwarden.yaml:4`: the line of the key, or of the nearest key around it. */
  locate(path: KeyPath): string {
    let node: unknown = this.document.contents;
    let offset = 0;
    for (const segment of path) {
      const [start, child] = this.step(node, segment);
      if (start === undefined) break;
      offset = start;
      node = child;
    }
    return path.length === 0 ? this.name : `${this.name}:${this.lines.linePos(offset).line}`;
  }

  private step(parent: unknown, segment: string | number): readonly [number | undefined, unknown] {
    const node = isAlias(parent) ? parent.resolve(this.document) : parent;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === segment);
      return [(pair?.key as Node | undefined)?.range?.[0], pair?.value];
    }
    const item = isSeq(node) && typeof segment === 'number' ? node.items[segment] : undefined;
    return [(item as Node | undefined)?.range?.[0], item];
  }
}

function toValues(document: Document, name: string): Record<string, unknown> {
  let values: unknown;
  try {
    values = document.toJS() ?? {};
  } catch {
    throw refusal(name, 'Its aliases cannot be resolved. Write the values out.');
  }
  if (!isMapping(values)) throw refusal(name, 'It must be a mapping of keys, such as "registries:".');
  return values;
}

function readOptional(path: string, readFile: ReadFile, name: string): string | null {
  try {
    return readFile(path);
  } catch (error) {
    if (isMapping(error) && error.code === 'ENOENT') return null;
    throw refusal(name, `It cannot be read: ${reasonOf(error)}.`);
  }
}

/** What the system says, without the path, which the message has already. */
export const reasonOf = (error: unknown): string =>
  isMapping(error) && typeof error.code === 'string' ? error.code : 'unknown reason';

const refusal = (origin: string, message: string): ConfigurationError =>
  new ConfigurationError([{ path: '', origin, message }]);
