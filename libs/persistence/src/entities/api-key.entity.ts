import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Keys of the API, hashed. */
@Entity({ name: 'api_key' })
export class ApiKeyEntity {
  @PrimaryColumn({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'hash', type: 'bytea' })
  hash!: Buffer;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'role', type: 'text', default: 'admin' })
  role!: string;

  /** The name of the key that made it; null where it was generated at the first start. */
  @Column({ name: 'created_by', type: 'text', nullable: true })
  createdBy!: string | null;
}
