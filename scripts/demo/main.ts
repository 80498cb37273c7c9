import { parseOptions, USAGE } from './options.js';
import { runDemo } from './run-demo.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal(process.stdout);
const options = parseOptions(process.argv.slice(2), process.env);
switch (options.type) {
  case 'run':
    // Said outright: something that keeps the process alive must not keep the terminal.
    process.exit(await runDemo(options, terminal));
    break;
  case 'help':
    terminal.write(USAGE);
    break;
  case 'unknown':
    terminal.write(`There is no option ${options.argument}.\n\n${USAGE}`);
    process.exitCode = 2;
}
