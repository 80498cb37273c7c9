import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A permission to change sealed tags. Never deleted: what it permitted must stay permitted when a tag is folded anew. */
@Entity({ name: 'waiver' })
@Index('waiver_by_time', ['createdAt', 'id'])
@Index('waiver_due', ['liveFrom'], { where: 'live_from IS NOT NULL AND applied_at IS NULL' })
export class WaiverEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'PK_waiver' })
  id!: string;

  @Column({ name: 'definition', type: 'jsonb' })
  definition!: unknown;

  @Column({ name: 'reason', type: 'text' })
  reason!: string;

  @Column({ name: 'created_by', type: 'text' })
  createdBy!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'starts_at', type: 'timestamptz' })
  startsAt!: Date;

  @Column({ name: 'expires_at', type: 'timestamptz' })
  expiresAt!: Date;

  @Column({ name: 'needs_approval', type: 'boolean' })
  needsApproval!: boolean;

  @Column({ name: 'approved_by', type: 'text', nullable: true })
  approvedBy!: string | null;

  @Column({ name: 'approved_at', type: 'timestamptz', nullable: true })
  approvedAt!: Date | null;

  @Column({ name: 'revoked_by', type: 'text', nullable: true })
  revokedBy!: string | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt!: Date | null;

  /** From when it permits; null while it waits for approval. */
  @Column({ name: 'live_from', type: 'timestamptz', nullable: true })
  liveFrom!: Date | null;

  /** When the tags that it found wrong were folded anew. */
  @Column({ name: 'applied_at', type: 'timestamptz', nullable: true })
  appliedAt!: Date | null;
}
