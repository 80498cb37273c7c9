import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The tags that the enforcer must look at: one row a tag, however many violations it has. */
@Entity({ name: 'enforcement' })
@Index('enforcement_due', ['registry', 'nextAt'])
export class EnforcementEntity {
  @PrimaryColumn({ name: 'tag_id', type: 'uuid' })
  tagId!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'next_at', type: 'timestamptz' })
  nextAt!: Date;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  /** Grows with each violation, so that one which comes while the enforcer is at it is not overlooked. */
  @Column({ name: 'generation', type: 'integer', default: 1 })
  generation!: number;

  /** A person asked: also in audit mode, and over a tripped breaker. */
  @Column({ name: 'by_hand', type: 'boolean', default: false })
  byHand!: boolean;

  /** The generation in which a person last asked: one that comes while the enforcer is at it is not overlooked either. */
  @Column({ name: 'asked_in', type: 'integer', nullable: true })
  askedIn!: number | null;
}
