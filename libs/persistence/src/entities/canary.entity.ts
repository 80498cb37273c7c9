import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When each registry's canary is overwritten next, and what came of it last. */
@Entity({ name: 'canary' })
export class CanaryEntity {
  @PrimaryColumn({ name: 'registry', type: 'text', primaryKeyConstraintName: 'PK_canary' })
  registry!: string;

  @Column({ name: 'next_at', type: 'timestamptz' })
  nextAt!: Date;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  /** Grows with each claim, so that who was taken over notices. */
  @Column({ name: 'claims', type: 'integer', default: 0 })
  claims!: number;

  /** When the last run ended; null: there was none. */
  @Column({ name: 'last_at', type: 'timestamptz', nullable: true })
  lastAt!: Date | null;

  @Column({ name: 'last_outcome', type: 'text', nullable: true })
  lastOutcome!: string | null;

  /** Seconds. */
  @Column({ name: 'last_detect', type: 'double precision', nullable: true })
  lastDetect!: number | null;

  @Column({ name: 'last_restore', type: 'double precision', nullable: true })
  lastRestore!: number | null;

  @Column({ name: 'last_sentence', type: 'text', nullable: true })
  lastSentence!: string | null;
}
