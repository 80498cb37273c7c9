import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { CurrentRules } from '#application';
import { type Page, RuleParameters, RulesQuery, type RuleView } from '#contracts';
import { definitionOf, type Rule } from '#domain';
import { SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { RuleUnknownError } from '../not-found.errors.js';
import { pageOfList } from './page-of-list.js';

@Controller('api/v1/rules')
export class RulesController {
  constructor(@Inject(CurrentRules) private readonly rules: CurrentRules) {}

  @Get()
  list(@Query(new SchemaPipe(RulesQuery)) query: RulesQuery): Page<RuleView> {
    const { items, nextCursor } = pageOfList(this.inForce(), ({ id }) => id, query);
    return { items: items.map(viewOf), nextCursor };
  }

  @Get(':id')
  get(@Param(new SchemaPipe(RuleParameters)) { id }: RuleParameters): RuleView {
    const rule = this.inForce().find((candidate) => candidate.id === id);
    if (!rule) throw new RuleUnknownError(id);
    return viewOf(rule);
  }

  private inForce(): Rule[] {
    return this.rules
      .history()
      .rulesAt(now())
      .map(({ rule }) => rule);
  }
}

/** `definitionOf` spells every default out, which its type does not say. */
const viewOf = (rule: Rule): RuleView => ({ ...(definitionOf(rule) as RuleView), id: rule.id, origin: rule.origin });
