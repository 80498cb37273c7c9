import type { Waiver } from '#application';

/** A row of `waiver`. */
export type WaiverRow = {
  id: string;
  definition: Waiver['definition'];
  reason: string;
  created_by: string;
  created_at: Waiver['createdAt'];
  starts_at: Waiver['startsAt'];
  expires_at: Waiver['expiresAt'];
  needs_approval: boolean;
  approved_by: string | null;
  approved_at: Waiver['approvedAt'];
  revoked_by: string | null;
  revoked_at: Waiver['revokedAt'];
  live_from: Waiver['liveFrom'];
};

export const waiverOfRow = (row: WaiverRow): Waiver => ({
  id: row.id,
  definition: row.definition,
  reason: row.reason,
  createdBy: row.created_by,
  createdAt: row.created_at,
  startsAt: row.starts_at,
  expiresAt: row.expires_at,
  needsApproval: row.needs_approval,
  approvedBy: row.approved_by,
  approvedAt: row.approved_at,
  revokedBy: row.revoked_by,
  revokedAt: row.revoked_at,
  liveFrom: row.live_from,
});
