import { Log } from '#application';
import type { Terminal } from '../terminal.js';

const KEPT_LINES = 20;

/** The service's log: kept for the moment when something goes wrong, and shown live once the story has been told. */
export class QuietLog extends Log {
  private readonly complaints: string[] = [];
  private isLive = false;

  constructor(private readonly terminal: Terminal) {
    super();
  }

  /** The last warnings and errors. */
  get lastWords(): readonly string[] {
    return this.complaints;
  }

  goLive(): void {
    this.isLive = true;
  }

  goQuiet(): void {
    this.isLive = false;
  }

  override debug(): void {}

  override info(message: string): void {
    if (this.isLive) this.terminal.aside(`${clock()}  ${message}`);
  }

  override warn(message: string): void {
    this.keep(message);
  }

  override error(message: string): void {
    this.keep(message);
  }

  private keep(message: string): void {
    this.complaints.push(message);
    if (this.complaints.length > KEPT_LINES) this.complaints.shift();
    if (this.isLive) this.terminal.attack(`${clock()}  ${message}`);
  }
}

const clock = (): string => new Date().toISOString().slice(11, 19);
