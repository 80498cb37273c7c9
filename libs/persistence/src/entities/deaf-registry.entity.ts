import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A registry that sends no notifications, though sweeps find changes there. The row goes when it is heard again. */
@Entity({ name: 'deaf_registry' })
export class DeafRegistryEntity {
  @PrimaryColumn({ name: 'registry', type: 'text', primaryKeyConstraintName: 'PK_deaf_registry' })
  registry!: string;

  /** When it was last known to notify. */
  @Column({ name: 'since', type: 'timestamptz' })
  since!: Date;

  @Column({ name: 'sentence', type: 'text' })
  sentence!: string;

  /** Its last notification when it was marked; a later one ends it. */
  @Column({ name: 'last_heard_at', type: 'timestamptz', nullable: true })
  lastHeardAt!: Date | null;

  @Column({ name: 'marked_at', type: 'timestamptz' })
  markedAt!: Date;
}
