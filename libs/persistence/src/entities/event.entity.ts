import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The audit trail: every event once, never changed. Triggers refuse UPDATE, DELETE and TRUNCATE. */
@Entity({ name: 'event' })
@Index('event_by_tag', ['registry', 'repository', 'tag', 'occurredAt', 'id'])
@Index('event_by_repository', ['registry', 'repository', 'occurredAt', 'id'])
@Index('event_by_time', ['occurredAt', 'id'])
@Index('event_by_type', ['type', 'occurredAt', 'id'], { where: "type <> 'pushed'" })
@Index('event_by_digest', ['digest', 'occurredAt', 'id'], { where: 'digest IS NOT NULL' })
@Index('event_by_actor', ['actor', 'occurredAt', 'id'], { where: 'actor IS NOT NULL' })
@Index('event_repository_wide', ['registry', 'repository', 'occurredAt'], {
  where: "type IN ('manifestDeleted', 'repositoryDeleted')",
})
export class EventEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'type', type: 'text' })
  type!: string;

  @Column({ name: 'registry', type: 'text', nullable: true })
  registry!: string | null;

  @Column({ name: 'repository', type: 'text', nullable: true })
  repository!: string | null;

  @Column({ name: 'tag', type: 'text', nullable: true })
  tag!: string | null;

  @Column({ name: 'digest', type: 'text', nullable: true })
  digest!: string | null;

  @Column({ name: 'media_type', type: 'text', nullable: true })
  mediaType!: string | null;

  @Column({ name: 'actor', type: 'text', nullable: true })
  actor!: string | null;

  @Column({ name: 'occurred_at', type: 'timestamptz' })
  occurredAt!: Date;

  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;

  @Column({ name: 'source', type: 'text' })
  source!: string;

  @Column({ name: 'source_id', type: 'text' })
  sourceId!: string;

  @Column({ name: 'claims', type: 'jsonb' })
  claims!: Record<string, string>;

  /** What only this type of event has, e.g. the reason of an acceptance. */
  @Column({ name: 'detail', type: 'jsonb', nullable: true })
  detail!: Record<string, unknown> | null;
}
