import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { Telling } from '#domain';

/** Violations that belong together, and what people were told of them. */
@Entity({ name: 'incident' })
@Index('incident_by_time', ['openedAt', 'id'])
@Index('incident_by_last', ['lastAt'])
@Index('incident_open', ['openedAt', 'id'], { where: 'closed_at IS NULL' })
export class IncidentEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid', primaryKeyConstraintName: 'PK_incident' })
  id!: string;

  /** When the first and the last of its violations happened. */
  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ name: 'last_at', type: 'timestamptz' })
  lastAt!: Date;

  /** The identity that opened it. */
  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'actor', type: 'text', nullable: true })
  actor!: string | null;

  /** Other identities are in it too. */
  @Column({ name: 'is_mixed', type: 'boolean' })
  isMixed!: boolean;

  @Column({ name: 'registries', type: 'text', array: true })
  registries!: string[];

  /** How many violations belong to it. */
  @Column({ name: 'members', type: 'integer' })
  members!: number;

  @Column({ name: 'telling', type: 'jsonb' })
  telling!: Telling;

  /** null while a member is open. */
  @Column({ name: 'closed_at', type: 'timestamptz', nullable: true })
  closedAt!: Date | null;
}
