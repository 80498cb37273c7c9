import type { Log } from '#application';
import { messageOf } from '#domain';

/** Logs one sentence when something goes away and one when it is back, however often either is noticed. */
export class Availability {
  private away = false;

  constructor(
    private readonly log: Log,
    private readonly sentences: { readonly away: string; readonly back: string },
    private readonly fields: Readonly<Record<string, unknown>> = {},
  ) {}

  down(reason: unknown): void {
    if (this.away) return;
    this.away = true;
    this.log.warn(`${this.sentences.away} Reason: ${messageOf(reason)}`, this.fields);
  }

  up(): void {
    if (!this.away) return;
    this.away = false;
    this.log.info(this.sentences.back, this.fields);
  }
}
