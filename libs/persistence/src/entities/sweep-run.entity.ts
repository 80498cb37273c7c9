import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A sweep that runs or has run. What its unfinished repositories have brought stands in their rows. */
@Entity({ name: 'sweep_run' })
@Index('sweep_run_by_registry', ['registry', 'startedAt'])
export class SweepRunEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'PK_sweep_run' })
  id!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'cause', type: 'text' })
  cause!: string;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  /** When all its repositories were known. */
  @Column({ name: 'listed_at', type: 'timestamptz', nullable: true })
  listedAt!: Date | null;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @Column({ name: 'coverage', type: 'text', nullable: true })
  coverage!: string | null;

  @Column({ name: 'repositories', type: 'integer', default: 0 })
  repositories!: number;

  @Column({ name: 'repositories_done', type: 'integer', default: 0 })
  repositoriesDone!: number;

  @Column({ name: 'tags', type: 'integer', default: 0 })
  tags!: number;

  @Column({ name: 'differences', type: 'integer', default: 0 })
  differences!: number;

  /** Of the differences: tags that pointed at another digest than recorded, and tags that were gone. */
  @Column({ name: 'overwritten', type: 'integer', default: 0 })
  overwritten!: number;

  @Column({ name: 'deleted', type: 'integer', default: 0 })
  deleted!: number;

  /** Repositories that were not checked whole. */
  @Column({ name: 'failures', type: 'integer', default: 0 })
  failures!: number;

  @Column({ name: 'error', type: 'text', nullable: true })
  error!: string | null;
}
