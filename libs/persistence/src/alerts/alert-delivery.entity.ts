import { Check, Column, Entity, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import type { Alert, AlertChange, DeliveryState } from '#application';

/** One alert for one channel: queue and log in one. Hot paths use SQL; the entity is what migrations are checked against. */
@Entity('alert_delivery')
@Unique('alert_delivery_message_key', ['channel', 'messageId'])
@Check('alert_delivery_state_check', `state IN ('pending', 'delivered', 'failed')`)
// What is due, the first of an incident, and whether an incident was ever told of; then the log, newest first.
@Index('alert_delivery_due_idx', ['channel', 'nextAttemptAt', 'id'], { where: `state = 'pending'` })
@Index('alert_delivery_key_idx', ['channel', 'dedupKey', 'page', 'id'])
@Index('alert_delivery_log_idx', ['channel', 'id'])
export class AlertDeliveryEntity {
  /** Rises in the order in which changes were enqueued: order of delivery within a page, and cursor of the log. */
  @PrimaryGeneratedColumn('identity', {
    type: 'bigint',
    generatedIdentity: 'ALWAYS',
    primaryKeyConstraintName: 'alert_delivery_pkey',
  })
  id!: string;

  @Column({ name: 'channel', type: 'text' })
  channel!: string;

  @Column({ name: 'message_id', type: 'uuid' })
  messageId!: string;

  @Column({ name: 'dedup_key', type: 'text' })
  dedupKey!: string;

  /** null: it is about a registry. */
  @Column({ name: 'violation_id', type: 'text', nullable: true })
  violationId!: string | null;

  @Column({ name: 'change', type: 'text' })
  change!: AlertChange;

  /** Which telling of its incident it is: order of delivery. 0 where it has no incident. */
  @Column({ name: 'page', type: 'integer', default: 0 })
  page!: number;

  /** Pages that this channel is to be told of first. */
  @Column({ name: 'after_pages', type: 'integer', array: true, default: () => "'{}'" })
  afterPages!: number[];

  /** The whole `Alert`, as it was when planned: every attempt sends the same. */
  @Column({ name: 'payload', type: 'jsonb' })
  payload!: Alert;

  @Column({ name: 'state', type: 'text', default: 'pending' })
  state!: DeliveryState;

  /** Attempts begun. Also the fence: an outcome of an earlier attempt does not overwrite a later one's. */
  @Column({ name: 'attempts', type: 'integer', default: 0 })
  attempts!: number;

  @Column({ name: 'next_attempt_at', type: 'timestamptz', nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ name: 'lease_until', type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  @Column({ name: 'last_status', type: 'integer', nullable: true })
  lastStatus!: number | null;

  @Column({ name: 'last_error', type: 'text', nullable: true })
  lastError!: string | null;

  @Column({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column({ name: 'delivered_at', type: 'timestamptz', nullable: true })
  deliveredAt!: Date | null;
}
