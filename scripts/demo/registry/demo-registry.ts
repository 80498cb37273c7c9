import type { Cleanup } from '../cleanup.js';
import type { Terminal } from '../terminal.js';

/** A real registry that sends its notifications to Tagwarden. */
export type DemoRegistry = {
  /** As in tagwarden.yaml. */
  readonly kind: 'distribution' | 'zot';
  readonly url: string;
  /** What comes before the repository in a reference. */
  readonly host: string;
  /** Where it came from, as a sentence. */
  readonly origin: string;
};

/** Where it sends them. */
export type Hook = { readonly port: number; readonly path: string; readonly token: string };

export type RegistrySurroundings = {
  readonly hook: Hook;
  /** For its files; removed at the end. */
  readonly folder: string;
  readonly terminal: Terminal;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
};

export const hookUrl = ({ port, path }: Hook, host = '127.0.0.1'): string => `http://${host}:${port}${path}`;

/**
 * Neither blobs nor pulls: the registry delivers one event at a time, and watching a tag by HEAD would fill the queue that the
 * overwrite has to come through.
 */
export const IGNORED_EVENTS = { mediatypes: ['application/octet-stream'], actions: ['pull'] } as const;
