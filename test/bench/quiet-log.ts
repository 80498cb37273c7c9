import type { Log } from '#application';

const tell = (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
  process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
};

/** Only what would spoil a figure: nothing should warn while it is measured. */
export const QUIET: Log = { debug() {}, info() {}, warn: tell, error: tell };
