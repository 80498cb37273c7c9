import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** The rules over time: the whole set, from a moment on. */
@Entity({ name: 'rule_revision' })
export class RuleRevisionEntity {
  @PrimaryGeneratedColumn('identity', { name: 'id', type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  /** null: since ever. */
  @Column({ name: 'effective_from', type: 'timestamptz', nullable: true })
  effectiveFrom!: Date | null;

  @Column({ name: 'rules', type: 'jsonb' })
  rules!: unknown;

  @Column({ name: 'author', type: 'text' })
  author!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
