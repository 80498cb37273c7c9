import { createHash } from 'node:crypto';
import { BUS_CHANNEL } from './schema.js';
import type { Session } from './session.js';

/** Advisory locks are pairs of numbers. The first stands for group and topic; a second below this is a partition, above it a member. */
const FIRST_MEMBER = 65_536;
const LAST_MEMBER = 0x7fffffff;

const LOCKS_HELD = `SELECT objid::bigint::integer AS id FROM pg_locks
 WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid = $1::bigint::oid
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

export type Census = { readonly members: number; readonly taken: ReadonlySet<number> };

/**
 * Who owns which partition of a topic in a group, kept in PostgreSQL's advisory locks: they end with the session that holds them, so a
 * process that dies gives everything back without anybody noticing first.
 */
export class PartitionLocks {
  private readonly space: number;
  private readonly member = FIRST_MEMBER + Math.floor(Math.random() * (LAST_MEMBER - FIRST_MEMBER));

  constructor(
    private readonly session: Session,
    group: string,
    topic: string,
  ) {
    const digest = createHash('sha256')
      .update(JSON.stringify(['tagwarden-bus', group, topic]))
      .digest();
    this.space = digest.readUInt32BE(0) & 0x7fffffff;
  }

  async enter(): Promise<void> {
    await this.tryLock(this.member);
    await this.announce();
  }

  async leave(): Promise<void> {
    await this.unlock(this.member);
    await this.announce();
  }

  async census(): Promise<Census> {
    const rows = await this.session.query<{ id: number }>(LOCKS_HELD, [this.space]);
    const taken = rows.map(({ id }) => id);
    return {
      members: taken.filter((id) => id >= FIRST_MEMBER).length,
      taken: new Set(taken.filter((id) => id < FIRST_MEMBER)),
    };
  }

  take(partition: number): Promise<boolean> {
    return this.tryLock(partition);
  }

  async giveBack(partition: number): Promise<void> {
    await this.unlock(partition);
    await this.announce();
  }

  /** Lets the other members look again now, and not at their next round. */
  private async announce(): Promise<void> {
    await this.session.query('SELECT pg_notify($1, $2)', [BUS_CHANNEL, '']);
  }

  private async tryLock(id: number): Promise<boolean> {
    const [row] = await this.session.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS locked', [
      this.space,
      id,
    ]);
    return row?.locked ?? false;
  }

  private async unlock(id: number): Promise<void> {
    await this.session.query('SELECT pg_advisory_unlock($1, $2)', [this.space, id]);
  }
}
