import { z } from 'zod';
import { compileRegex, escapeDoublestar, type TagSelectorDefinition } from '#domain';
import { combined, expressed, notExpressed, noted, patternFault } from '../rule-import/import-rules-outcome.js';
import {
  hasKey,
  importedName,
  itemsOf,
  parseItem,
  type SettingsItem,
  scopeName,
} from '../rule-import/import-rules-settings.js';
import type { RuleConverter, RuleImport, RuleImportScope } from '../rule-import/import-rules-types.js';

const Settings = z.object({ enabled: z.boolean(), rules: z.array(z.string()).nullish() });
type Settings = z.infer<typeof Settings>;

/** Source: Docker Hub's API, the repository and `PATCH …/immutabletags`. */
const Repository = z.object({
  namespace: z.string().nullish(),
  name: z.string().nullish(),
  immutable_tags_settings: Settings,
});
const Update = z.object({ immutable_tags: z.boolean(), immutable_tags_rules: z.array(z.string()).nullish() });

const EXPECTED =
  "Give the answer of Docker Hub's GET /v2/namespaces/{namespace}/repositories/{repository} as it is, " +
  'or its immutable_tags_settings.';

/**
 * A repository as Docker Hub answers it, a list of such, its `immutable_tags_settings` alone, or the body that changes them.
 * `scope.repository` (`namespace/name`) is needed where the repository is not named.
 */
export const importDockerHubSettings: RuleConverter = (settings, scope) =>
  combined(itemsOf(settings).map((item) => convert(item, scope)));

type Found = { readonly repository: string; readonly settings: Settings; readonly rulesPath: string };

function convert(item: SettingsItem, scope: RuleImportScope): RuleImport {
  const { repository, settings, rulesPath } = findSettings(item, scope);
  if (!settings.enabled) return noted(item.path, `All tags of ${repository} are mutable: it needs no rule.`);
  const patterns = settings.rules ?? [];
  if (patterns.length === 0) {
    const message = `Immutable tags are on for ${repository}, but no regex says which. If all are meant, write tags: { all: true }.`;
    return notExpressed(rulesPath, message);
  }
  const faults = patterns.map(faultOf);
  const refused = faults.flatMap((fault, index) =>
    fault === null ? [] : [notExpressed(`${rulesPath}[${index}]`, fault)],
  );
  const sound = patterns.filter((_, index) => faults[index] === null);
  if (sound.length === 0) return combined(refused);
  const definition = {
    name: `dockerhub ${repository}`,
    repositories: { matching: [escapeDoublestar(repository)] },
    tags: tagsOf(sound),
  };
  return combined([expressed(item.path, definition), ...refused]);
}

function findSettings(item: SettingsItem, scope: RuleImportScope): Found {
  const { path, value } = item;
  if (hasKey(value, 'immutable_tags')) {
    const { immutable_tags, immutable_tags_rules } = parseItem(Update, item, EXPECTED);
    const settings = { enabled: immutable_tags, rules: immutable_tags_rules };
    return { repository: scopeRepository(scope), settings, rulesPath: `${path}.immutable_tags_rules` };
  }
  if (hasKey(value, 'enabled')) {
    const settings = parseItem(Settings, item, EXPECTED);
    return { repository: scopeRepository(scope), settings, rulesPath: `${path}.rules` };
  }
  const { namespace, name, immutable_tags_settings } = parseItem(Repository, item, EXPECTED);
  const repository = namespace && name ? importedName(`${path}.name`, `${namespace}/${name}`) : scopeRepository(scope);
  return { repository, settings: immutable_tags_settings, rulesPath: `${path}.immutable_tags_settings.rules` };
}

const scopeRepository = (scope: RuleImportScope): string =>
  scopeName(scope, 'repository', 'These settings do not name the repository: give namespace/name.');

const faultOf = (pattern: string): string | null =>
  pattern === ''
    ? 'An empty regex is refused here. If all tags are meant, write tags: { all: true }.'
    : patternFault(() => compileRegex(pattern, 'search'));

/** "All tags are immutable" is stored as the first of these. */
const EVERYTHING: readonly string[] = ['.*', '^.*$', '.+', '^.+$'];

const tagsOf = (regex: readonly string[]): TagSelectorDefinition =>
  regex.some((pattern) => EVERYTHING.includes(pattern)) ? { all: true } : { regex, anchoring: 'search' };
