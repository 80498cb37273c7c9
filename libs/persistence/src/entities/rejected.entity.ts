import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Notifications that authenticated and could not be understood. */
@Entity({ name: 'rejected' })
@Index('rejected_by_time', ['receivedAt', 'id'])
export class RejectedEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;

  @Column({ name: 'reason', type: 'text' })
  reason!: string;

  @Column({ name: 'content_type', type: 'text', nullable: true })
  contentType!: string | null;

  @Column({ name: 'payload', type: 'bytea' })
  payload!: Buffer;

  @Column({ name: 'replayed_at', type: 'timestamptz', nullable: true })
  replayedAt!: Date | null;
}
