import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A digest that people have found to be bad: it is never put back. */
@Entity({ name: 'revoked_digest' })
@Index('revoked_digest_by_time', ['revokedAt', 'digest'])
export class RevokedDigestEntity {
  @PrimaryColumn({ name: 'digest', type: 'text', primaryKeyConstraintName: 'PK_revoked_digest' })
  digest!: string;

  @Column({ name: 'reason', type: 'text' })
  reason!: string;

  @Column({ name: 'revoked_by', type: 'text' })
  revokedBy!: string;

  @Column({ name: 'revoked_at', type: 'timestamptz' })
  revokedAt!: Date;
}
