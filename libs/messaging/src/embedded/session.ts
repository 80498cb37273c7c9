import pg from 'pg';
import type { Log } from '#application';
import { Availability } from '../availability.js';
import { backoffMs } from '../backoff.js';
import { BusUnavailableError } from '../bus.errors.js';
import { BUS_CHANNEL } from './schema.js';

export type SessionListener = {
  /** The session is there, anew: nothing that an earlier one held is held any more. */
  onUp(): void;
  /** The session has gone, and every lock with it. */
  onDown(): void;
  onNotification(payload: string): void;
};

const QUERY_TIMEOUT_MS = 10_000;
const MAX_BACKOFF_MS = 5000;

/** The one dedicated connection of a process: it listens, and its advisory locks say which partitions are ours. Comes back by itself. */
export class Session {
  private readonly listeners = new Set<SessionListener>();
  private readonly availability: Availability;
  private client: pg.Client | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private started = false;
  private closed = false;
  private attempt = 0;
  private turn: Promise<unknown> = Promise.resolve();
  private statements: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly config: pg.ClientConfig,
    log: Log,
  ) {
    this.availability = new Availability(log, {
      away: 'The embedded bus has lost its database session; consuming waits until it is back.',
      back: 'The embedded bus has its database session again.',
    });
  }

  add(listener: SessionListener): void {
    this.listeners.add(listener);
    if (this.client) listener.onUp();
    if (!this.started) {
      this.started = true;
      void this.connect();
    }
  }

  remove(listener: SessionListener): void {
    this.listeners.delete(listener);
  }

  isUp(): boolean {
    return this.client !== undefined;
  }

  /** One statement after the other, as `pg` wants it of a connection. */
  query<Row extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<Row[]> {
    const run = async () => {
      if (!this.client) throw new BusUnavailableError('The embedded bus has no database session now.');
      const { rows } = await this.client.query<Row>(text, values);
      return rows;
    };
    const result = this.statements.then(run);
    this.statements = result.catch(() => {});
    return result;
  }

  /** Runs one piece of work after the other: a session takes a lock that it already has once more, so two must not ask at once. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work, work);
    this.turn = result.catch(() => {});
    return result;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retryTimer);
    await this.client?.end().catch(() => {});
    this.client = undefined;
  }

  private async connect(): Promise<void> {
    const client = new pg.Client({
      ...this.config,
      application_name: 'tagwarden-bus-session',
      connectionTimeoutMillis: 5000,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
    });
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client, new Error('the connection has ended.')));
    client.on('notification', ({ payload }) => {
      for (const listener of this.listeners) listener.onNotification(payload ?? '');
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${BUS_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => {});
      this.retry(error);
      return;
    }
    if (this.closed) return void client.end();
    this.client = client;
    this.attempt = 0;
    this.availability.up();
    for (const listener of this.listeners) listener.onUp();
  }

  /** Called by whoever finds the session unusable: a query that timed out leaves it in a state nobody knows. */
  drop(reason: unknown): void {
    const client = this.client;
    if (!client) return;
    this.lost(client, reason);
    client.end().catch(() => {});
  }

  private lost(client: pg.Client, reason: unknown): void {
    if (this.client !== client) return;
    this.client = undefined;
    for (const listener of this.listeners) listener.onDown();
    this.retry(reason);
  }

  private retry(reason: unknown): void {
    if (this.closed) return;
    this.availability.down(reason);
    this.retryTimer = setTimeout(() => void this.connect(), backoffMs(this.attempt, 100, MAX_BACKOFF_MS));
    this.attempt += 1;
  }
}
