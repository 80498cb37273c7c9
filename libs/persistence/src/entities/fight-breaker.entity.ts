import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The last fight about a tag. Its breaker is tripped until a person resets it. */
@Entity({ name: 'fight_breaker' })
@Index('fight_breaker_tripped', ['trippedAt', 'tagId'], { where: 'reset_at IS NULL' })
export class FightBreakerEntity {
  @PrimaryColumn({ name: 'tag_id', type: 'uuid', primaryKeyConstraintName: 'PK_fight_breaker' })
  tagId!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'repository', type: 'text' })
  repository!: string;

  @Column({ name: 'tag', type: 'text' })
  tag!: string;

  @Column({ name: 'tripped_at', type: 'timestamptz' })
  trippedAt!: Date;

  @Column({ name: 'restorations', type: 'integer' })
  restorations!: number;

  @Column({ name: 'window_ms', type: 'integer' })
  windowMs!: number;

  @Column({ name: 'reason', type: 'text' })
  reason!: string;

  /** The violation that was not restored any more. */
  @Column({ name: 'violation_id', type: 'uuid' })
  violationId!: string;

  /** null while it is tripped. Restorations before this time are no longer counted. */
  @Column({ name: 'reset_at', type: 'timestamptz', nullable: true })
  resetAt!: Date | null;
}
