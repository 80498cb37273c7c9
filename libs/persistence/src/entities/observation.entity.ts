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

  /** What a registry told of the tag, without saying to what it was changed. */
  @Column({ name: 'hint', type: 'jsonb', nullable: true })
  hint!: unknown;

  /** The digest that the first look after a hint found, or `absent`; the second one tells only what is new. */
  @Column({ name: 'seen', type: 'text', nullable: true })
  seen!: string | null;
}
