import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One row: its version grows with every change of a rule or a waiver, so that who remembers them sees that they are old. */
@Entity({ name: 'ruling' })
export class RulingEntity {
  @PrimaryColumn({ name: 'id', type: 'integer', primaryKeyConstraintName: 'PK_ruling' })
  id!: number;

  @Column({ name: 'version', type: 'bigint', default: '0' })
  version!: string;
}
