import type {
  BindingView,
  EventsFilter,
  EventsQuery,
  EventView,
  HistoryQuery,
  Page,
  RecordedExposure,
  RejectedQuery,
  RejectedView,
  ResolutionView,
  TagsQuery,
  TagView,
  TimeCursor,
  ViolationsQuery,
  ViolationView,
} from '#contracts';
import type { Instant, TagRef } from '#domain';

/** What people and programs ask of tags. Everything here rejects with a retriable error while the database cannot be reached. */
export abstract class TagQueries {
  /** By registry, repository and tag. */
  abstract list(query: TagsQuery): Promise<Page<TagView>>;
  /** Newest first; null for a tag that was never seen. */
  abstract history(query: HistoryQuery): Promise<Page<BindingView> | null>;
  /** What the tag pointed at; null for one that was never seen. */
  abstract resolve(ref: TagRef, at: Instant): Promise<ResolutionView | null>;
}

export abstract class EventQueries {
  /** Newest first. */
  abstract list(query: EventsQuery): Promise<Page<EventView>>;
  /** At most `limit` events after the cursor, newest first. For exports, which have no pages. */
  abstract next(filter: EventsFilter, after: TimeCursor | undefined, limit: number): Promise<EventView[]>;
}

export abstract class ViolationQueries {
  /** Newest first. Each with its latest pulls only. */
  abstract list(query: ViolationsQuery): Promise<Page<ViolationView>>;
  abstract find(id: string): Promise<ViolationView | null>;
}

export abstract class ExposureQueries {
  /** What a violation has exposed, all as of one moment; null where there is none of this id. */
  abstract find(id: string): Promise<RecordedExposure | null>;
}

export abstract class RejectedQueries {
  /** Newest first, long payloads cut. */
  abstract list(query: RejectedQuery): Promise<Page<RejectedView>>;
  /** With its whole payload. */
  abstract find(id: string): Promise<{ registry: string; contentType: string | null; payload: Buffer } | null>;
  /** Marks it as replayed, and says so in the audit trail. */
  abstract markReplayed(id: string, by: string, at: Instant): Promise<void>;
}

/** What is told to those who watch. */
export type FeedItem =
  | { readonly type: 'recorded'; readonly event: EventView }
  | { readonly type: 'violation'; readonly violation: ViolationView };

export type FeedListener = {
  onItem(item: FeedItem): void;
  /** Something may have been missed: what follows is not all that has happened since. */
  onGap(): void;
};

/** Everything as it happens, for as long as somebody watches. */
export abstract class RecordFeed {
  /** Answers the function that ends it. */
  abstract watch(listener: FeedListener): () => void;
}
