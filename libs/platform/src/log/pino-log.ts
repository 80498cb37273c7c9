import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import pretty from 'pino-pretty';
import { Log } from '#application';

export type LogOptions = {
  readonly level: string;
  /** For a person at a terminal; else one JSON object a line. */
  readonly pretty: boolean;
  readonly app: string;
};

type Fields = Readonly<Record<string, unknown>>;

/** The log on standard output. */
export class PinoLog extends Log {
  private readonly logger: Logger;

  constructor({ level, app, ...options }: LogOptions) {
    super();
    const settings = {
      level,
      base: { app },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { error: stdSerializers.err },
    };
    this.logger = options.pretty ? pino(settings, prettyStream()) : pino(settings);
  }

  override debug(message: string, fields: Fields = {}): void {
    this.logger.debug(fields, message);
  }

  override info(message: string, fields: Fields = {}): void {
    this.logger.info(fields, message);
  }

  override warn(message: string, fields: Fields = {}): void {
    this.logger.warn(fields, message);
  }

  override error(message: string, fields: Fields = {}): void {
    this.logger.error(fields, message);
  }
}

const prettyStream = (): DestinationStream =>
  pretty({ sync: true, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname,app', singleLine: true });
