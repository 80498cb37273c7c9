import { Controller, Get, Inject, Query } from '@nestjs/common';
import { CurrentRules, TagQueries } from '#application';
import {
  type BindingView,
  type ExplanationView,
  HistoryQuery,
  type Page,
  type ResolutionView,
  TagAtQuery,
  TagsQuery,
  type TagView,
} from '#contracts';
import { explainProtection } from '#domain';
import { SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { TagUnknownError } from '../not-found.errors.js';

@Controller('api/v1')
export class TagsController {
  constructor(
    @Inject(TagQueries) private readonly tags: TagQueries,
    @Inject(CurrentRules) private readonly rules: CurrentRules,
  ) {}

  @Get('tags')
  list(@Query(new SchemaPipe(TagsQuery)) query: TagsQuery): Promise<Page<TagView>> {
    return this.tags.list(query);
  }

  @Get('history')
  async history(@Query(new SchemaPipe(HistoryQuery)) query: HistoryQuery): Promise<Page<BindingView>> {
    const page = await this.tags.history(query);
    if (page === null) throw new TagUnknownError(query);
    return page;
  }

  @Get('resolve')
  async resolve(@Query(new SchemaPipe(TagAtQuery)) { at = now(), ...ref }: TagAtQuery): Promise<ResolutionView> {
    const resolution = await this.tags.resolve(ref, at);
    if (resolution === null) throw new TagUnknownError(ref);
    return resolution;
  }

  @Get('explain')
  async explain(@Query(new SchemaPipe(TagAtQuery)) { at = now(), ...ref }: TagAtQuery): Promise<ExplanationView> {
    const { history, waivers } = await this.rules.upToDate();
    const { protect, alsoBy, ...explanation } = explainProtection(history.rulesAt(at), ref);
    const live = waivers.of(ref).filter(({ from, until }) => from <= at && at < until);
    return {
      ...explanation,
      protect: [...protect],
      alsoBy: [...alsoBy],
      waivers: live.map(({ id, until, permit, digest, uses }) => ({ id, until, permit: [...permit], digest, uses })),
    };
  }
}
