import type { Terminal } from './terminal.js';

const EXIT_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** Why the demo ends early. `exitCode` is what a shell expects of a program that a signal ended. */
export class Interruption extends Error {
  constructor(
    message: string,
    readonly exitCode: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Turns everything that would end this process into an abort, so that what was started is stopped in order. Later signals change
 * nothing: npm passes a Ctrl-C on that the terminal has already sent, and impatience would leave servers behind.
 */
export function listenForInterruption(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  const interrupt = (reason: Interruption) => {
    if (!controller.signal.aborted) controller.abort(reason);
  };
  for (const [signal, exitCode] of Object.entries(EXIT_CODES)) {
    process.on(signal, () => {
      if (!controller.signal.aborted) terminal.write(`\n${signal}: stopping what was started …\n`);
      interrupt(new Interruption(`Ended by ${signal}.`, exitCode));
    });
  }
  // Nobody reads any more, as after `| head`.
  process.stdout.on('error', (cause) => interrupt(new Interruption('The output was closed.', 1, { cause })));
  process.on('uncaughtException', (cause) =>
    interrupt(new Interruption(`Something unexpected happened: ${cause.stack ?? cause.message}`, 1, { cause })),
  );
  return controller.signal;
}
