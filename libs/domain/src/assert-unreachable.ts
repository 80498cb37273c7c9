/** Ends a `switch` over a union: the compiler refuses a case that was forgotten. */
export function assertUnreachable(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
