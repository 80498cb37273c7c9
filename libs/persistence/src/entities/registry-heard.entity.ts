import { Column, Entity, PrimaryColumn } from 'typeorm';

/** When each registry was last heard of by a notification of its own, to the minute. */
@Entity({ name: 'registry_heard' })
export class RegistryHeardEntity {
  @PrimaryColumn({ name: 'registry', type: 'text', primaryKeyConstraintName: 'PK_registry_heard' })
  registry!: string;

  @Column({ name: 'last_at', type: 'timestamptz' })
  lastAt!: Date;
}
