/** What imports do not show: words that only some files may hold. */
export type WordRule = {
  readonly name: string;
  readonly word: RegExp;
  /** Files that the rule is about. */
  readonly within: RegExp;
  /** Files that may. */
  readonly except: RegExp;
};

const TESTS = '\\.spec\\.ts$|-contract\\.ts$|/fixtures/|^libs/testing/';

export const WORD_RULES: readonly WordRule[] = [
  {
    // Read in one place, checked, frozen: elsewhere a variable would be read unchecked, and a secret in it would be no `Secret`.
    name: 'the environment is read by the configuration alone',
    word: /\bprocess\.env\b|\bimport\.meta\.env\b/,
    within: /^(apps|libs)\//,
    except: new RegExp(`^libs/platform/src/configuration/|/main\\.ts$|${TESTS}`),
  },
  {
    // Decisions are pure: `now` comes in as an argument, so that a test, and a fold years later, decide alike.
    name: 'domain and application have no clock of their own',
    word: /\bnew Date\(|\bDate\.now\b|\bperformance\.now\b/,
    within: /^libs\/(domain|application)\//,
    except: new RegExp(`^libs/domain/src/instant\\.ts$|${TESTS}`),
  },
  {
    // Ids derive from what they name; chance comes in as an argument.
    name: 'domain and application have no chance of their own',
    word: /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/,
    within: /^libs\/(domain|application)\//,
    except: new RegExp(TESTS),
  },
];

/** `file:line` of each place, comments left out. */
export async function findForbiddenWords(
  { word, within, except }: WordRule,
  files: readonly string[],
  read: (file: string) => Promise<string>,
): Promise<string[]> {
  const concerned = files.filter((file) => within.test(file) && !except.test(file));
  const found = await Promise.all(
    concerned.map(async (file) => {
      const lines = (await read(file)).split('\n');
      return lines.flatMap((line, index) => (isComment(line) || !word.test(line) ? [] : [`${file}:${index + 1}`]));
    }),
  );
  return found.flat();
}

const isComment = (line: string): boolean => /^\s*(\/\/|\/?\*)/.test(line);
