import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An attempt to put a sealed digest back, and its outcome. */
@Entity({ name: 'restoration' })
export class RestorationEntity {
  @PrimaryColumn({ name: 'violation_id', type: 'uuid' })
  violationId!: string;

  @PrimaryColumn({ name: 'attempt', type: 'integer' })
  attempt!: number;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'ended_at', type: 'timestamptz' })
  endedAt!: Date;

  @Column({ name: 'outcome', type: 'text' })
  outcome!: string;

  @Column({ name: 'reason', type: 'text', nullable: true })
  reason!: string | null;

  @Column({ name: 'missing_blobs', type: 'text', array: true, default: '{}' })
  missingBlobs!: string[];
}
