import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Sealed digests that the guard repository of their registry must hold, and when that was last proven. */
@Entity({ name: 'guard' })
@Index('guard_due', ['registry', 'nextAt'])
export class GuardEntity {
  @PrimaryColumn({ name: 'registry', type: 'text', primaryKeyConstraintName: 'PK_guard' })
  registry!: string;

  @PrimaryColumn({ name: 'repository', type: 'text', primaryKeyConstraintName: 'PK_guard' })
  repository!: string;

  @PrimaryColumn({ name: 'digest', type: 'text', primaryKeyConstraintName: 'PK_guard' })
  digest!: string;

  /** Who takes it moves this by the length of his lease: rows stay for ever, and one index must find those that are due. */
  @Column({ name: 'next_at', type: 'timestamptz' })
  nextAt!: Date;

  /** Since the last proof. */
  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  @Column({ name: 'proven_at', type: 'timestamptz', nullable: true })
  provenAt!: Date | null;

  /** Why the last attempt came to no proof; null where it did, or where none was made yet. */
  @Column({ name: 'failure', type: 'text', nullable: true })
  failure!: string | null;
}
