import { dirname, resolve } from 'node:path';
import type { z } from 'zod';
import type { ConfigurationProblem } from './configuration-error.js';
import { type ReadFile, reasonOf } from './configuration-file.js';
import { type Environment, keyMeantBy, overlayEnvironment } from './environment.js';
import { formatKeyPath, type KeyPath, valueAt } from './key-path.js';
import { sentenceOf } from './schema-sentences.js';
import { Secret } from './secret.js';

/** Where values come from: tagwarden.yaml, or the body of a request. */
export type LoadingSource = {
  readonly values: Record<string, unknown>;
  readonly absolutePath: string;
  /** null where places in it have no names. */
  locate(path: KeyPath): string | null;
};

export type LoadingInputs = {
  readonly env: Environment;
  readonly cwd: string;
  readonly readFile: ReadFile;
  readonly file: LoadingSource | null;
  /** Secrets come as they are, not by the name of a variable or file: what is advised says so. Default: false. */
  readonly inClear?: boolean;
};

/** One reading of the configuration. The sections ask it for values; it collects what is wrong with them. */
export class Loading {
  readonly problems: ConfigurationProblem[] = [];
  readonly warnings: ConfigurationProblem[] = [];
  private readonly values: Record<string, unknown>;
  private readonly variables: ReadonlyMap<string, string>;

  constructor(private readonly inputs: LoadingInputs) {
    this.values = inputs.file?.values ?? {};
    this.variables = overlayEnvironment(this.values, inputs.env);
  }

  report(path: KeyPath, message: string): void {
    this.problems.push({ path: formatKeyPath(path), origin: this.originOf(path), message });
  }

  warn(path: KeyPath, message: string): void {
    this.warnings.push({ path: formatKeyPath(path), origin: this.originOf(path), message });
  }

  get inClear(): boolean {
    return this.inputs.inClear === true;
  }

  value(path: KeyPath): unknown {
    return valueAt(this.values, path);
  }

  /** The value in the schema's shape; null after reporting what is wrong. A section left out is read as an empty one. */
  check<S extends z.ZodType>(schema: S, path: KeyPath): z.output<S> | null {
    const result = schema.safeParse(this.value(path) ?? {}, { error: sentenceOf });
    if (result.success) return result.data;
    for (const issue of result.error.issues) this.reportIssue(path, issue);
    return null;
  }

  /** The paths of a list's items. */
  items(path: KeyPath): KeyPath[] {
    const list = this.value(path) ?? [];
    if (Array.isArray(list)) return list.map((_, index) => [...path, index]);
    this.report(path, 'It must be a list: each item starts with "- ".');
    return [];
  }

  refuseDuplicates(items: readonly KeyPath[]): void {
    const first = new Map<unknown, KeyPath>();
    for (const item of items) {
      const name = this.value([...item, 'name']);
      const earlier = first.get(name);
      if (typeof name !== 'string') continue;
      if (earlier) this.report([...item, 'name'], `${formatKeyPath(earlier)} has this name already. Names are unique.`);
      else first.set(name, item);
    }
  }

  /** A secret from `key`, `keyEnv` or `keyFile` of a checked section; null where none of them is there, or it was reported. */
  secret(section: Readonly<Record<string, unknown>>, path: KeyPath, key: string): Secret | null {
    const given = [key, `${key}Env`, `${key}File`].filter((variant) => section[variant] !== undefined);
    const [variant, other] = given;
    if (variant === undefined) return null;
    if (other !== undefined) {
      this.report([...path, other], `${variant} gives this as well. Keep one of the two.`);
      return null;
    }
    const text = String(section[variant]);
    if (variant === key) return new Secret(text);
    const found =
      variant === `${key}Env` ? this.variable([...path, variant], text) : this.file([...path, variant], text);
    return found === null ? null : new Secret(found.replace(/\r?\n$/, ''));
  }

  private variable(path: KeyPath, name: string): string | null {
    const text = this.inputs.env[name];
    if (text) return text;
    const state = text === undefined ? 'not set' : 'empty';
    this.report(path, `It names the environment variable ${name}, which is ${state}. Set it where Tagwarden starts.`);
    return null;
  }

  /** The text of a file that a key names; null after reporting that it can't be read or is empty. */
  file(path: KeyPath, name: string): string | null {
    try {
      const text = this.inputs.readFile(this.resolve(path, name));
      if (text.trim() !== '') return text;
      this.report(path, `The file ${name} is empty.`);
    } catch (error) {
      this.report(path, `The file ${name} cannot be read (${reasonOf(error)}). Check the path and its permissions.`);
    }
    return null;
  }

  /** Paths in the file are relative to the file; in variables and defaults, to the working directory. */
  resolve(path: KeyPath, name: string): string {
    const { file, cwd } = this.inputs;
    const isFromFile = file !== null && !this.variables.has(path.join('.')) && this.value(path) !== undefined;
    return resolve(isFromFile ? dirname(file.absolutePath) : cwd, name);
  }

  private originOf(path: KeyPath): string | null {
    return this.variables.get(path.join('.')) ?? this.inputs.file?.locate(path) ?? null;
  }

  private reportIssue(base: KeyPath, issue: z.core.$ZodIssue): void {
    const path = [...base, ...issue.path.map((key) => (typeof key === 'number' ? key : String(key)))];
    if (issue.code !== 'unrecognized_keys') this.report(path, issue.message);
    for (const key of issue.code === 'unrecognized_keys' ? issue.keys : []) {
      const meant = base.length === 0 && path.length === 0 ? keyMeantBy(key) : undefined;
      const advice = meant === undefined ? 'Remove it, or correct its name.' : `Write ${meant} instead.`;
      this.report([...path, key], `There is no such key. ${advice}`);
    }
  }
}
