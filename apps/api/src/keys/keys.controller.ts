import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { KeyRing } from '#application';
import { type CreatedKeyView, KeyParameters, KeysQuery, type KeyView, NewKeyBody, type Page } from '#contracts';
import { AdminsOnly, Caller, SchemaPipe } from '#platform';
import { now } from '../clock.js';
import { pageOfList } from '../settings/page-of-list.js';

@AdminsOnly()
@Controller('api/v1/keys')
export class KeysController {
  constructor(@Inject(KeyRing) private readonly keys: KeyRing) {}

  /** After the cursor's name, whether or not that key is still there: a deletion in between must hide none. */
  @Get()
  async list(@Query(new SchemaPipe(KeysQuery)) { limit, cursor }: KeysQuery): Promise<Page<KeyView>> {
    const keys = await this.keys.list();
    const rest = cursor === undefined ? keys : keys.filter(({ name }) => name > cursor[0]);
    return pageOfList(rest, ({ name }) => name, { limit });
  }

  @Post()
  create(@Body(new SchemaPipe(NewKeyBody)) body: NewKeyBody, @Caller() by: string): Promise<CreatedKeyView> {
    return this.keys.create(body, by, now());
  }

  @Delete(':name')
  @HttpCode(204)
  delete(@Param(new SchemaPipe(KeyParameters)) { name }: KeyParameters, @Caller() by: string): Promise<void> {
    return this.keys.delete(name, by, now());
  }
}
