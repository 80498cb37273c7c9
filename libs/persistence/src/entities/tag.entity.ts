import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A tag as its events have left it: what it points at, and its seal. */
@Entity({ name: 'tag' })
@Index('tag_by_name', ['registry', 'repository', 'tag'], { unique: true })
@Index('tag_by_seal_rule', ['sealRuleId'], { where: 'seal_rule_id IS NOT NULL' })
export class TagEntity {
  /** Derived from registry, repository and tag. */
  @PrimaryColumn({ name: 'id', type: 'uuid' })
  id!: string;

  @Column({ name: 'registry', type: 'text' })
  registry!: string;

  @Column({ name: 'repository', type: 'text' })
  repository!: string;

  @Column({ name: 'tag', type: 'text' })
  tag!: string;

  @Column({ name: 'digest', type: 'text', nullable: true })
  digest!: string | null;

  @Column({ name: 'media_type', type: 'text', nullable: true })
  mediaType!: string | null;

  @Column({ name: 'actor', type: 'text', nullable: true })
  actor!: string | null;

  @Column({ name: 'cause', type: 'text', nullable: true })
  cause!: string | null;

  @Column({ name: 'bound_at', type: 'timestamptz', nullable: true })
  boundAt!: Date | null;

  @Column({ name: 'bound_by', type: 'uuid', nullable: true })
  boundBy!: string | null;

  @Column({ name: 'seal_digest', type: 'text', nullable: true })
  sealDigest!: string | null;

  @Column({ name: 'seal_media_type', type: 'text', nullable: true })
  sealMediaType!: string | null;

  @Column({ name: 'sealed_at', type: 'timestamptz', nullable: true })
  sealedAt!: Date | null;

  @Column({ name: 'sealed_by', type: 'uuid', nullable: true })
  sealedBy!: string | null;

  @Column({ name: 'seal_rule_id', type: 'text', nullable: true })
  sealRuleId!: string | null;

  @Column({ name: 'seal_rule_name', type: 'text', nullable: true })
  sealRuleName!: string | null;

  /** The last position that the fold has taken into account. */
  @Column({ name: 'folded_at', type: 'timestamptz', nullable: true })
  foldedAt!: Date | null;

  @Column({ name: 'folded_by', type: 'uuid', nullable: true })
  foldedBy!: string | null;

  /** How often each waiver with a number of uses was used. */
  @Column({ name: 'waiver_uses', type: 'jsonb', nullable: true })
  waiverUses!: Record<string, number> | null;

  /** The waiver that permitted the present binding. */
  @Column({ name: 'bound_under', type: 'uuid', nullable: true })
  boundUnder!: string | null;
}
