import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The repositories of the sweeps that run which are not done yet. */
@Entity({ name: 'sweep_repository' })
@Index('sweep_repository_due', ['registry', 'nextAt'])
export class SweepRepositoryEntity {
  @PrimaryColumn({ name: 'run_id', type: 'uuid', primaryKeyConstraintName: 'PK_sweep_repository' })
  runId!: string;

  @PrimaryColumn({ name: 'repository', type: 'text', primaryKeyConstraintName: 'PK_sweep_repository' })
  repository!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  /** null until all repositories of the sweep are known. */
  @Column({ name: 'next_at', type: 'timestamptz', nullable: true })
  nextAt!: Date | null;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  /** Grows with each claim, so that who was taken over notices. */
  @Column({ name: 'claims', type: 'integer', default: 0 })
  claims!: number;

  /** Checked since it was claimed. */
  @Column({ name: 'tags', type: 'integer', default: 0 })
  tags!: number;

  /** Found so far, by whoever had it. */
  @Column({ name: 'differences', type: 'integer', default: 0 })
  differences!: number;

  /** Of the differences: tags that pointed at another digest than recorded, and tags that were gone. */
  @Column({ name: 'overwritten', type: 'integer', default: 0 })
  overwritten!: number;

  @Column({ name: 'deleted', type: 'integer', default: 0 })
  deleted!: number;

  @Column({ name: 'error', type: 'text', nullable: true })
  error!: string | null;
}
