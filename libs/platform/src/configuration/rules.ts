import { RuleBody } from '#contracts';
import {
  type CompiledRule,
  compileRule,
  definitionOf,
  type Rule,
  RuleMalformedError,
  type RuleProblem,
  type RuleWarning,
  shadowWarningsOf,
  warningsOf,
} from '#domain';
import { type KeyPath, parseKeyPath } from './key-path.js';
import type { Loading } from './loading.js';

export function loadRules(loading: Loading): readonly CompiledRule[] {
  const items = loading.items(['rules']);
  loading.refuseDuplicates(items);
  const loaded = items.flatMap((path) => {
    const compiled = loadRule(loading, path);
    return compiled ? [{ path, compiled }] : [];
  });
  warnOfShadowed(loading, loaded);
  return loaded.map(({ compiled }) => compiled);
}

type LoadedRule = { readonly path: KeyPath; readonly compiled: CompiledRule };

/** The last first, each against those that nobody was told to remove: of two rules alike, one is named. */
function warnOfShadowed(loading: Loading, loaded: readonly LoadedRule[]): void {
  const shadowed = new Map<Rule, readonly RuleWarning[]>();
  for (const { compiled } of loaded.toReversed()) {
    const { rule } = compiled;
    const others = loaded.map((one) => one.compiled.rule).filter((other) => other !== rule && !shadowed.has(other));
    const warnings = shadowWarningsOf(definitionOf(rule), others);
    if (warnings.length > 0) shadowed.set(rule, warnings);
  }
  for (const { path, compiled } of loaded) warn(loading, path, shadowed.get(compiled.rule) ?? []);
}

function warn(loading: Loading, rule: KeyPath, warnings: readonly RuleWarning[]): void {
  for (const { path, pattern, message } of warnings) {
    loading.warn(
      [...rule, ...parseKeyPath(path)],
      pattern === null ? message : `${JSON.stringify(pattern)}: ${message}`,
    );
  }
}

function loadRule(loading: Loading, path: KeyPath): CompiledRule | null {
  const definition = loading.check(RuleBody, path);
  if (definition === null) return null;
  try {
    const compiled = compileRule(definition);
    warn(loading, path, warningsOf(definition));
    return compiled;
  } catch (error) {
    if (!(error instanceof RuleMalformedError)) throw error;
    for (const problem of error.problems) loading.report([...path, ...parseKeyPath(problem.path)], sentence(problem));
    return null;
  }
}

const sentence = ({ pattern, position, message }: RuleProblem): string =>
  pattern === null ? message : `${JSON.stringify(pattern.slice(0, 200))}, position ${position}: ${message}`;
