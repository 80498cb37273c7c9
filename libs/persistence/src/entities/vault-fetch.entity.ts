import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Sealed manifests that are not in the vault yet. */
@Entity({ name: 'vault_fetch' })
@Index('vault_fetch_due', ['registry', 'nextAt'])
export class VaultFetchEntity {
  @PrimaryColumn({ name: 'registry', type: 'text' })
  registry!: string;

  @PrimaryColumn({ name: 'repository', type: 'text' })
  repository!: string;

  @PrimaryColumn({ name: 'digest', type: 'text' })
  digest!: string;

  @Column({ name: 'tag', type: 'text' })
  tag!: string;

  @Column({ name: 'next_at', type: 'timestamptz' })
  nextAt!: Date;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;
}
