import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The newest entry of each chain; locked while a batch is recorded, so that a chain has one writer at a time. */
@Entity({ name: 'ledger_head' })
export class LedgerHeadEntity {
  @PrimaryColumn({ name: 'chain', type: 'text' })
  chain!: string;

  @Column({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column({ name: 'hash', type: 'bytea' })
  hash!: Buffer;
}
