import type { RejectedPayload, TransactionalQuery } from '#application';

export async function keepRejected(query: TransactionalQuery, rejected: readonly RejectedPayload[]): Promise<void> {
  await query(
    `INSERT INTO rejected (id, registry, received_at, reason, content_type, payload)
     SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::bytea[]) ON CONFLICT (id) DO NOTHING`,
    [
      rejected.map((one) => one.id),
      rejected.map((one) => one.registry),
      rejected.map((one) => one.receivedAt),
      rejected.map((one) => one.reason.replaceAll('\u0000', '')),
      rejected.map((one) => one.contentType),
      rejected.map((one) => one.payload),
    ],
  );
}
