import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The hash chain over the audit trail: each entry binds a batch of events to all before it. */
@Entity({ name: 'ledger' })
export class LedgerEntity {
  @PrimaryColumn({ name: 'chain', type: 'text' })
  chain!: string;

  @PrimaryColumn({ name: 'seq', type: 'bigint' })
  seq!: string;

  @Column({ name: 'previous', type: 'bytea' })
  previous!: Buffer;

  @Column({ name: 'hash', type: 'bytea' })
  hash!: Buffer;

  @Column({ name: 'event_ids', type: 'uuid', array: true })
  eventIds!: string[];

  @Column({ name: 'recorded_at', type: 'timestamptz' })
  recordedAt!: Date;
}
