import { z } from 'zod';
import { EventView, Problem, ResolutionView, TagView, ViolationView } from '#contracts';
import type { Service } from './start-service.js';

const REQUEST_LIMIT_MS = 10_000;
const MOST_ITEMS = '500';

export type TagParameters = { readonly registry: string; readonly repository: string; readonly tag: string };

/** The API as any client sees it: HTTP, a key, the contract's schemas. */
export class ServiceApi {
  constructor(
    private readonly service: Service,
    private readonly signal: AbortSignal,
  ) {}

  async findTag(tag: TagParameters): Promise<TagView | null> {
    return (await this.list(TagView, '/api/v1/tags', tag))[0] ?? null;
  }

  /** Newest first. */
  violations(tag: TagParameters): Promise<ViolationView[]> {
    return this.list(ViolationView, '/api/v1/violations', tag);
  }

  /** Newest first. */
  events(repository: Omit<TagParameters, 'tag'>): Promise<EventView[]> {
    return this.list(EventView, '/api/v1/events', repository);
  }

  resolve(tag: TagParameters, at: string): Promise<ResolutionView> {
    return this.get(ResolutionView, '/api/v1/resolve', { ...tag, at });
  }

  private async list<T>(item: z.ZodType<T>, path: string, query: Record<string, string>): Promise<T[]> {
    const page = z.object({ items: z.array(item), nextCursor: z.string().nullable() });
    return (await this.get(page, path, { ...query, limit: MOST_ITEMS })).items;
  }

  private async get<T>(schema: z.ZodType<T>, path: string, query: Record<string, string>): Promise<T> {
    const { url, adminKey } = this.service;
    const answer = await fetch(`${url}${path}?${new URLSearchParams(query)}`, {
      headers: { authorization: `Bearer ${adminKey}` },
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
    });
    const body: unknown = await answer.json();
    if (answer.ok) return schema.parse(body);
    const { detail, title } = Problem.parse(body);
    throw new Error(`Tagwarden answered ${answer.status} to GET ${path}: ${detail ?? title}`);
  }
}
