import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Log, MessageBus } from '#application';
import { DomainError, messageOf } from '#domain';

const CHECK_LIMIT_MS = 3_000;

/** `NOT_READY`: something that the app cannot do without does not answer. Names it, and nothing more: anybody may ask. */
class NotReadyError extends DomainError {
  constructor(missing: readonly string[]) {
    const verb = missing.length === 1 ? 'does' : 'do';
    super('NOT_READY', `The ${missing.join(' and the ')} ${verb} not answer. The log says why.`, { retriable: true });
  }
}

/** Whether the app can do its work. */
export class Readiness {
  private running: Promise<void> | null = null;

  constructor(
    private readonly bus: MessageBus,
    private readonly dataSource: DataSource | null,
    private readonly log: Log,
  ) {}

  /** Resolves, or rejects with what is missing. Who asks meanwhile shares the answer: anybody may ask, as often as they like. */
  check(): Promise<void> {
    this.running ??= this.askAll().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async askAll(): Promise<void> {
    const { bus, dataSource } = this;
    const [hasDatabase, hasBus] = await Promise.all([
      dataSource === null || this.answers('database', () => dataSource.query('SELECT 1')),
      this.answers('bus', () => bus.check()),
    ]);
    const missing = [...(hasDatabase ? [] : ['database']), ...(hasBus ? [] : ['bus'])];
    if (missing.length > 0) throw new NotReadyError(missing);
  }

  private async answers(what: string, ask: () => Promise<unknown>): Promise<boolean> {
    const patience = new AbortController();
    try {
      const late = sleep(CHECK_LIMIT_MS, undefined, { signal: patience.signal }).then(() => {
        throw new Error(`no answer within ${CHECK_LIMIT_MS} ms.`);
      });
      late.catch(() => undefined);
      await Promise.race([ask(), late]);
      return true;
    } catch (error) {
      this.log.warn(`Not ready, the ${what} does not answer: ${messageOf(error)}`);
      return false;
    } finally {
      patience.abort();
    }
  }
}
