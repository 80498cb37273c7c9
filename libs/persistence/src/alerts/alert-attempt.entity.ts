import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { AlertDeliveryEntity } from './alert-delivery.entity.js';

/** One attempt to deliver an alert, as the delivery log shows it. */
@Entity('alert_attempt')
export class AlertAttemptEntity {
  @PrimaryColumn({ name: 'delivery_id', type: 'bigint', primaryKeyConstraintName: 'alert_attempt_pkey' })
  deliveryId!: string;

  @PrimaryColumn({ name: 'attempt', type: 'integer', primaryKeyConstraintName: 'alert_attempt_pkey' })
  attempt!: number;

  @Column({ name: 'at', type: 'timestamptz' })
  at!: Date;

  @Column({ name: 'duration_ms', type: 'integer' })
  durationMs!: number;

  @Column({ name: 'status', type: 'integer', nullable: true })
  status!: number | null;

  /** null: delivered. */
  @Column({ name: 'error', type: 'text', nullable: true })
  error!: string | null;

  @ManyToOne(() => AlertDeliveryEntity, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'delivery_id', foreignKeyConstraintName: 'alert_attempt_delivery_fkey' })
  delivery!: Relation<AlertDeliveryEntity>;
}
