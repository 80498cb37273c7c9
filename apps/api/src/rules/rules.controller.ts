import { randomUUID } from 'node:crypto';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put, Query } from '@nestjs/common';
import { CurrentRules, createRules, deleteRule, RuleKeeping, RuleUnknownError, replaceRule } from '#application';
import {
  type Page,
  RuleBody,
  RuleImportBody,
  type RuleImportView,
  RuleParameters,
  RulesQuery,
  type RuleView,
} from '#contracts';
import type { Rule } from '#domain';
import { Caller, SchemaPipe } from '#platform';
import { importRules } from '#registries';
import { now } from '../clock.js';
import { pageOfList } from '../settings/page-of-list.js';
import { definitionViewOf, ruleViewOf } from './rule-view.js';

@Controller('api/v1/rules')
export class RulesController {
  constructor(
    @Inject(CurrentRules) private readonly rules: CurrentRules,
    @Inject(RuleKeeping) private readonly keeping: RuleKeeping,
  ) {}

  @Get()
  async list(@Query(new SchemaPipe(RulesQuery)) query: RulesQuery): Promise<Page<RuleView>> {
    const { items, nextCursor } = pageOfList(await this.inForce(), ({ id }) => id, query);
    return { items: items.map(ruleViewOf), nextCursor };
  }

  @Get(':id')
  async get(@Param(new SchemaPipe(RuleParameters)) { id }: RuleParameters): Promise<RuleView> {
    const rule = (await this.inForce()).find((candidate) => candidate.id === id);
    if (!rule) throw new RuleUnknownError(id);
    return ruleViewOf(rule);
  }

  @Post()
  async create(@Body(new SchemaPipe(RuleBody)) body: RuleBody, @Caller() by: string): Promise<RuleView> {
    const [rule] = await createRules(this.keeping, [body], { by, at: now() }, randomUUID);
    return ruleViewOf(rule as Rule);
  }

  @Put(':id')
  async replace(
    @Param(new SchemaPipe(RuleParameters)) { id }: RuleParameters,
    @Body(new SchemaPipe(RuleBody)) body: RuleBody,
    @Caller() by: string,
  ): Promise<RuleView> {
    return ruleViewOf(await replaceRule(this.keeping, id, body, { by, at: now() }));
  }

  @Delete(':id')
  @HttpCode(204)
  async delete(@Param(new SchemaPipe(RuleParameters)) { id }: RuleParameters, @Caller() by: string): Promise<void> {
    await deleteRule(this.keeping, id, { by, at: now() });
  }

  @Post('import')
  @HttpCode(200)
  async import(
    @Body(new SchemaPipe(RuleImportBody)) { save, ...request }: RuleImportBody,
    @Caller() by: string,
  ): Promise<RuleImportView> {
    const { rules, notExpressed, notes } = importRules(request);
    const saved = save ? await createRules(this.keeping, rules, { by, at: now() }, randomUUID) : [];
    return {
      rules: rules.map(definitionViewOf),
      notExpressed: [...notExpressed],
      notes: [...notes],
      saved: saved.map(({ id, name }) => ({ id, name })),
    };
  }

  /** As they are now: who has just changed one sees it. */
  private async inForce(): Promise<Rule[]> {
    const { history } = await this.rules.upToDate();
    return history.rulesAt(now()).map(({ rule }) => rule);
  }
}
