import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** The interval in which a tag pointed at a digest. */
@Entity({ name: 'binding' })
@Index('binding_by_digest', ['digest'])
export class BindingEntity {
  @PrimaryColumn({ name: 'tag_id', type: 'uuid' })
  tagId!: string;

  @PrimaryColumn({ name: 'bound_at', type: 'timestamptz' })
  boundAt!: Date;

  @PrimaryColumn({ name: 'bound_by', type: 'uuid' })
  boundBy!: string;

  @Column({ name: 'digest', type: 'text' })
  digest!: string;

  @Column({ name: 'media_type', type: 'text', nullable: true })
  mediaType!: string | null;

  @Column({ name: 'actor', type: 'text', nullable: true })
  actor!: string | null;

  @Column({ name: 'cause', type: 'text' })
  cause!: string;

  @Column({ name: 'unbound_at', type: 'timestamptz', nullable: true })
  unboundAt!: Date | null;

  @Column({ name: 'unbound_by', type: 'uuid', nullable: true })
  unboundBy!: string | null;

  /** The waiver that permitted this binding. */
  @Column({ name: 'bound_under', type: 'uuid', nullable: true })
  boundUnder!: string | null;

  /** The waiver that permitted its end. */
  @Column({ name: 'unbound_under', type: 'uuid', nullable: true })
  unboundUnder!: string | null;
}
