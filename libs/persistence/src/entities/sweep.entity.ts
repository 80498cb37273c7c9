import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When each registry is swept next, or which sweep of it runs. */
@Entity({ name: 'sweep' })
export class SweepEntity {
  @PrimaryColumn({ name: 'registry', type: 'text', primaryKeyConstraintName: 'PK_sweep' })
  registry!: string;

  /** null from when its repositories are listed until they are done. */
  @Column({ name: 'next_at', type: 'timestamptz', nullable: true })
  nextAt!: Date | null;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  /** Grows with each claim, so that who was taken over notices. */
  @Column({ name: 'claims', type: 'integer', default: 0 })
  claims!: number;

  /** Of the sweep that runs, or of the next. */
  @Column({ name: 'cause', type: 'text' })
  cause!: string;

  /** Somebody has asked since it began: it is done again at once. */
  @Column({ name: 'again_cause', type: 'text', nullable: true })
  againCause!: string | null;

  @Column({ name: 'run_id', type: 'uuid', nullable: true })
  runId!: string | null;
}
