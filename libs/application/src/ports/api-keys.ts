/** The keys that open the API. */
export abstract class ApiKeys {
  /** The name that a key was given, or null. Takes as long whichever key is wrong, and wherever. */
  abstract findName(key: string): Promise<string | null>;
}
