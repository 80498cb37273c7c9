export type Options =
  | { readonly type: 'run'; readonly once: boolean }
  | { readonly type: 'help' }
  | { readonly type: 'unknown'; readonly argument: string };

export const USAGE = `npm run demo [-- --once]

Starts a real registry and Tagwarden beside it, overwrites and deletes a sealed tag, and shows that it is put back.
Then everything stays up until Ctrl-C; with --once (or CI=true, or DEMO_EXIT=1) it ends after the last step.
`;

export function parseOptions(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const unknown = args.find((argument) => !['--once', '--help', '-h'].includes(argument));
  if (unknown !== undefined) return { type: 'unknown', argument: unknown };
  if (args.includes('--help') || args.includes('-h')) return { type: 'help' };
  return { type: 'run', once: args.includes('--once') || isOn(env.CI) || isOn(env.DEMO_EXIT) };
}

const isOn = (value = ''): boolean => /^(?:1|true|yes)$/i.test(value);
