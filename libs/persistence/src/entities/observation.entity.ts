import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Tags that the registry must be asked about: what do they point at now? */
@Entity({ name: 'observation' })
@Index('observation_due', ['registry', 'nextAt'])
export class ObservationEntity {
  @PrimaryColumn({ name: 'tag_id', type: 'uuid' })
  tagId!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'repository', type: 'text' })
  repository!: string;

  @Column({ name: 'tag', type: 'text' })
  tag!: string;

  @Column({ name: 'next_at', type: 'timestamptz' })
  nextAt!: Date;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'attempts', type: 'integer', default: '0' })
  attempts!: number;
}
