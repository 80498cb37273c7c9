import { z } from 'zod';
import { compileRegex, escapeDoublestar, type RuleDefinition } from '#domain';
import { combined, expressed, notExpressed, patternFault } from '../rule-import/import-rules-outcome.js';
import {
  hasKey,
  itemsOf,
  malformedImport,
  parseItem,
  type SettingsItem,
  scopeName,
} from '../rule-import/import-rules-settings.js';
import type { ImportRemark, RuleConverter, RuleImport, RuleImportScope } from '../rule-import/import-rules-types.js';
import { foreignSyntax, matchesWholeTagEitherWay } from './import-rules-regex.js';

/** Source: Quay's API, `immutabilitypolicy`, since 3.17. Of a policy without `tagPatternMatches` the pattern matches. */
const Policy = z.object({ tagPattern: z.string().min(1), tagPatternMatches: z.boolean().nullish() });
type Policy = z.infer<typeof Policy>;
const Answer = z.object({ policies: z.array(z.unknown()) });

const EXPECTED =
  "Give the answer of Quay's GET /api/v1/organization/{organisation}/immutabilitypolicy/, or of " +
  '/api/v1/repository/{repository}/immutabilitypolicy/, as it is.';

/**
 * The policies of an organisation (`scope.organisation`) or of a repository (`scope.repository`, its whole name), or one of them.
 */
export const importQuayPolicies: RuleConverter = (settings, scope) => {
  const place = placeOf(scope);
  return combined(
    policiesOf(settings).map((item, index) => convert(item, place, `quay ${place.name} policy ${index + 1}`)),
  );
};

type Place = { readonly name: string; readonly matching: string };

function placeOf(scope: RuleImportScope): Place {
  if (scope.repository) {
    const name = scopeName(scope, 'repository', '');
    if (!scope.organisation || name.startsWith(`${scope.organisation}/`))
      return { name, matching: escapeDoublestar(name) };
    const message = `It must be the repository's whole name, such as ${scope.organisation}/${name}.`;
    throw malformedImport('scope.repository', message);
  }
  const why =
    "Quay's policies do not say what they belong to: name the organisation, or the repository, that was asked for.";
  const name = scopeName(scope, 'organisation', why);
  return { name, matching: `${escapeDoublestar(name)}/**` };
}

function policiesOf(settings: unknown): readonly SettingsItem[] {
  if (!hasKey(settings, 'policies')) return itemsOf(settings);
  const { policies } = parseItem(Answer, { path: 'settings', value: settings }, EXPECTED);
  return itemsOf(policies, 'settings.policies');
}

function convert(item: SettingsItem, { matching }: Place, name: string): RuleImport {
  const policy = parseItem(Policy, item, EXPECTED);
  const path = `${item.path}.tagPattern`;
  const fault = foreignSyntax(policy.tagPattern) ?? patternFault(() => compileRegex(policy.tagPattern, 'full'));
  if (fault !== null) return notExpressed(path, fault);
  return expressed(
    path,
    { name, repositories: { matching: [matching] }, tags: tagsOf(policy) },
    anchoringNotes(policy, path),
  );
}

function tagsOf({ tagPattern, tagPatternMatches }: Policy): RuleDefinition['tags'] {
  return tagPatternMatches === false
    ? { regex: ['.*'], excludingRegex: [tagPattern], anchoring: 'full' }
    : { regex: [tagPattern], anchoring: 'full' };
}

function anchoringNotes({ tagPattern }: Policy, path: string): ImportRemark[] {
  if (matchesWholeTagEitherWay(tagPattern)) return [];
  const message =
    `${JSON.stringify(tagPattern)} is taken to match the whole tag. Some versions of Quay are content with its beginning: ` +
    'if yours is one of them, append ".*" to the regex of the rule.';
  return [{ path, message }];
}
