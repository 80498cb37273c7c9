import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A sealed tag overwritten or deleted, and what became of it. */
@Entity({ name: 'violation' })
@Index('violation_by_tag', ['tagId'])
@Index('violation_standing', ['tagId'], { where: 'ended_at IS NULL' })
@Index('violation_by_waiver', ['waiverId', 'detectedAt', 'id'], { where: 'waiver_id IS NOT NULL' })
@Index('violation_by_time', ['detectedAt', 'id'])
@Index('violation_by_name', ['registry', 'repository', 'tag', 'detectedAt', 'id'])
@Index('violation_by_state', ['state', 'detectedAt', 'id'])
@Index('violation_by_found', ['registry', 'repository', 'foundDigest'])
@Index('violation_by_incident', ['incidentId', 'detectedAt', 'id'], { where: 'incident_id IS NOT NULL' })
@Index('violation_by_incident_digest', ['incidentId', 'foundDigest'], { where: 'incident_id IS NOT NULL' })
@Index('violation_open_by_incident', ['incidentId', 'registry'], {
  where: "incident_id IS NOT NULL AND state IN ('detected', 'restoring', 'failed', 'audited')",
})
export class ViolationEntity {
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'tag_id', type: 'uuid' })
  tagId!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'repository', type: 'text' })
  repository!: string;

  @Column({ name: 'tag', type: 'text' })
  tag!: string;

  @Column({ name: 'kind', type: 'text' })
  kind!: string;

  @Column({ name: 'state', type: 'text' })
  state!: string;

  @Column({ name: 'mode', type: 'text' })
  mode!: string;

  @Column({ name: 'event_id', type: 'uuid' })
  eventId!: string;

  @Column({ name: 'detected_at', type: 'timestamptz' })
  detectedAt!: Date;

  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;

  @Column({ name: 'actor', type: 'text', nullable: true })
  actor!: string | null;

  @Column({ name: 'sealed_digest', type: 'text' })
  sealedDigest!: string;

  @Column({ name: 'found_digest', type: 'text', nullable: true })
  foundDigest!: string | null;

  @Column({ name: 'rule_id', type: 'text' })
  ruleId!: string;

  @Column({ name: 'rule_name', type: 'text' })
  ruleName!: string;

  @Column({ name: 'awaiting_children', type: 'boolean' })
  awaitingChildren!: boolean;

  /** When it ceased to stand, by the record alone. */
  @Column({ name: 'ended_at', type: 'timestamptz', nullable: true })
  endedAt!: Date | null;

  /** The event that ended it, or the last of all ids where a rule change did. */
  @Column({ name: 'ended_id', type: 'uuid', nullable: true })
  endedId!: string | null;

  @Column({ name: 'ended_by', type: 'text', nullable: true })
  endedBy!: string | null;

  @Column({ name: 'restored_at', type: 'timestamptz', nullable: true })
  restoredAt!: Date | null;

  @Column({ name: 'failure', type: 'text', nullable: true })
  failure!: string | null;

  @Column({ name: 'acknowledged_at', type: 'timestamptz', nullable: true })
  acknowledgedAt!: Date | null;

  @Column({ name: 'acknowledged_by', type: 'text', nullable: true })
  acknowledgedBy!: string | null;

  /** Counts the announced changes: part of the stable id of each announcement. */
  @Column({ name: 'version', type: 'integer', default: 1 })
  version!: number;

  /** The waiver that permitted it. */
  @Column({ name: 'waiver_id', type: 'uuid', nullable: true })
  waiverId!: string | null;

  /** Null where it arose as one that does not stand, or before there were incidents. */
  @Column({ name: 'incident_id', type: 'uuid', nullable: true })
  incidentId!: string | null;
}
