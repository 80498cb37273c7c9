import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

/** Messages to be published, written in the transaction that they tell of. */
@Entity({ name: 'outbox' })
export class OutboxEntity {
  @PrimaryGeneratedColumn('identity', { name: 'id', type: 'bigint', generatedIdentity: 'ALWAYS' })
  id!: string;

  @Column({ name: 'topic', type: 'text' })
  topic!: string;

  @Column({ name: 'key', type: 'text' })
  key!: string;

  @Column({ name: 'value', type: 'bytea' })
  value!: Buffer;

  @Column({ name: 'headers', type: 'jsonb' })
  headers!: Record<string, string>;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
