import pg from 'pg';
import type { Log } from '#application';
import { messageOf } from '#domain';
import type { DatabaseOptions } from './data-source.js';

type Wake = (payload: string) => void;

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;

/**
 * One connection that listens for this process. After a reconnect every listener is woken once with an empty payload, since what was
 * notified meanwhile is lost: rows are the truth, notifications only save time.
 */
export class PgListener {
  private readonly wakes = new Map<string, Set<Wake>>();
  private client: pg.Client | null = null;
  private stopped = false;
  private retry: NodeJS.Timeout | undefined;
  private failures = 0;
  /** A client runs one statement at a time. */
  private statements: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: Pick<DatabaseOptions, 'url' | 'ca'>,
    private readonly log: Log,
  ) {}

  /** Answers the function that stops listening. */
  on(channel: string, wake: Wake): () => void {
    const wakes = this.wakes.get(channel) ?? new Set();
    this.wakes.set(channel, wakes.add(wake));
    if (this.client !== null && wakes.size === 1) this.listen(this.client, channel);
    return () => wakes.delete(wake);
  }

  /** Connects; where that fails it goes on trying. */
  async start(): Promise<void> {
    await this.connect();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
    this.client = null;
  }

  private async connect(): Promise<void> {
    const { url, ca } = this.options;
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tagwarden-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      ...(ca === undefined ? {} : { ssl: { ca, rejectUnauthorized: true } }),
    });
    client.on('notification', ({ channel, payload = '' }) => this.wake(channel, payload));
    client.on('error', () => this.lost(client));
    client.on('end', () => this.lost(client));
    try {
      await client.connect();
      for (const channel of this.wakes.keys()) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      return this.failed(client, error);
    }
    this.client = client;
    if (this.failures > 0) this.log.info('Listening to PostgreSQL again.');
    this.failures = 0;
    for (const channel of this.wakes.keys()) this.wake(channel, '');
  }

  private listen(client: pg.Client, channel: string): void {
    const listening = this.statements.then(async () => void (await client.query(`LISTEN ${channel}`)));
    this.statements = listening.catch(() => this.lost(client));
  }

  private wake(channel: string, payload: string): void {
    for (const wake of this.wakes.get(channel) ?? []) wake(payload);
  }

  private failed(client: pg.Client, error: unknown): void {
    client.end().catch(() => undefined);
    if (this.failures === 0)
      this.log.warn(
        `Cannot listen to PostgreSQL: ${messageOf(error)} Trying again; work is found by polling meanwhile.`,
      );
    this.scheduleRetry();
  }

  private lost(client: pg.Client): void {
    if (this.client !== client || this.stopped) return;
    this.client = null;
    this.log.warn('The listening connection to PostgreSQL has ended. Connecting again.');
    this.scheduleRetry();
  }

  private scheduleRetry(): void {
    if (this.stopped) return;
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LONGEST_RETRY_MS);
    this.failures += 1;
    this.retry = setTimeout(() => void this.connect(), delay);
  }
}
