import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Registries that people manage over the API. The configuration file's are not here. */
@Entity({ name: 'registry' })
export class RegistryEntity {
  @PrimaryColumn({ name: 'name', type: 'text', primaryKeyConstraintName: 'PK_registry' })
  name!: string;

  /** In the shape of tagwarden.yaml, without its secrets. */
  @Column({ name: 'definition', type: 'jsonb' })
  definition!: Record<string, unknown>;

  /** All secrets by their key paths, sealed with the key of `keyId`. */
  @Column({ name: 'secrets', type: 'bytea' })
  secrets!: Buffer;

  @Column({ name: 'key_id', type: 'text' })
  keyId!: string;

  @Column({ name: 'created_by', type: 'text' })
  createdBy!: string;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'changed_at', type: 'timestamptz' })
  changedAt!: Date;
}
