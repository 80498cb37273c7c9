import { type CoversView, encodeCursor, type RulePreviewBody, type RulePreviewView } from '#contracts';
import {
  addMs,
  type CompiledRule,
  compileRule,
  definitionOf,
  type Instant,
  protectionOf,
  type RegistryName,
  ruleOf,
  shadowWarningsOf,
  type TagRef,
  warningsOf,
} from '#domain';
import type { CurrentRules } from '../ports/current-rules.js';
import type { RegistryClients } from '../ports/registry-client.js';
import type { ReplayableRecord, TagSelection } from '../ports/rule-replay.js';
import { LiveTags } from './list-live-tags.js';
import { replayRule } from './replay-rule.js';
import { tagSelectionOf } from './tag-selection.js';

export type PreviewOptions = { readonly settleMs: number; readonly registries: () => readonly RegistryName[] };

const MONTH_MS = 30 * 86_400_000;

/** Shows what a rule that is not saved would do. Changes nothing. */
export class PreviewRule {
  private readonly live: LiveTags;

  constructor(
    private readonly record: ReplayableRecord,
    private readonly rules: CurrentRules,
    clients: RegistryClients,
    private readonly options: PreviewOptions,
  ) {
    this.live = new LiveTags(clients, record, options.registries);
  }

  /** Throws `RULE_MALFORMED` with every problem of the rule. Looks at a disabled rule as if it were enabled. */
  async preview(request: RulePreviewBody, now: Instant): Promise<RulePreviewView> {
    const identity = { id: request.id ?? 'preview', origin: 'api' } as const;
    const definition = { ...request.rule, enabled: true };
    const rule = compileRule(definition, identity);
    const selection = tagSelectionOf(definition);
    const { history, waivers } = await this.rules.upToDate();
    const inForce = history.rulesAt(now);
    const others = inForce.map((one) => one.rule).filter(({ id }) => id !== request.id);
    const { from, to = now } = request.window ?? { from: addMs(now, -MONTH_MS) };
    // What will be, nobody has recorded.
    const window = { from, to: to < now ? to : now };
    const after = request.replayCursor ?? null;
    const replay = { rule, selection, waivers, settleMs: this.options.settleMs, window, after };
    return {
      rule: definitionOf(ruleOf(request.rule, identity)) as RulePreviewView['rule'],
      warnings: [...warningsOf(definition), ...shadowWarningsOf(definition, others)],
      covers: request.replayCursor === undefined ? await this.covers(request, selection, inForce) : null,
      caught: request.replay ? await replayRule(this.record, replay) : null,
    };
  }

  private async covers(
    { source, cursor, limit }: RulePreviewBody,
    selection: TagSelection,
    inForce: readonly CompiledRule[],
  ): Promise<CoversView> {
    const after = cursor ?? null;
    const { tags, end, problems } =
      source === 'registry'
        ? await this.live.list(selection, after, limit)
        : { ...(await this.record.listCovered(selection, after, limit)), problems: [] };
    const coveredBy = (ref: TagRef) => protectionOf(inForce, ref)?.rule ?? null;
    return {
      items: tags.map(({ registry, repository, tag, digest, sealed }) => {
        return { registry, repository, tag, digest, sealed, coveredBy: coveredBy({ registry, repository, tag }) };
      }),
      nextCursor: end === null ? null : encodeCursor(end),
      problems: [...problems],
    };
  }
}
