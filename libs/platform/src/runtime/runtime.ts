import { type ChannelConfig, createAlertChannels } from '#alerts';
import type { AlertChannels, Log, MessageBus, NotificationSources } from '#application';
import { DomainError } from '#domain';
import { type CloseableRegistryClients, HttpsDocuments } from '#registries';
import type { Configuration } from '../configuration/index.js';
import { openBus, topicSpecifications } from './open-bus.js';
import { type OpenDatabase, openDatabase } from './open-database.js';
import { ConfiguredSources, openRegistryClients } from './registries.js';
import { VERSION } from './version.js';

/** Everything that an app is wired from, opened once a process. */
export type Runtime = {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly bus: MessageBus;
  readonly clients: CloseableRegistryClients;
  readonly sources: NotificationSources;
  readonly documents: HttpsDocuments;
  readonly channels: AlertChannels;
  /** null only in an app that can do without, such as intake on Kafka. */
  readonly database: OpenDatabase | null;
  close(): Promise<void>;
};

export type RuntimeNeeds = {
  /** The app reads or writes the record itself. */
  readonly database: boolean;
  /** All apps run in this process: then the embedded database may be started for them. */
  readonly standalone: boolean;
};

/** An app by itself cannot start the embedded parts: it would start them for itself alone. */
class NotConfiguredError extends DomainError {
  constructor(what: string) {
    super('CONFIGURATION_INVALID', `${what} Or start all apps in one process with "npm start".`);
  }
}

export async function openRuntime(configuration: Configuration, needs: RuntimeNeeds, log: Log): Promise<Runtime> {
  const needsDatabase = needs.database || configuration.bus.type === 'embedded';
  if (!needs.standalone && needsDatabase && configuration.database.type === 'embedded') {
    throw new NotConfiguredError(
      'An app that runs by itself needs DATABASE_URL (and KAFKA_BROKERS, unless all run on this machine).',
    );
  }
  for (const { origin, path, message } of configuration.warnings) log.warn(message, { origin, path });
  const database = needsDatabase ? await openDatabase(configuration, log) : null;
  const bus = openBus(configuration, database, log);
  const clients = openRegistryClients(configuration.registries, VERSION);
  const channels = createAlertChannels(configuration.alerts.map(channelConfigOf));
  const documents = new HttpsDocuments();
  const close = async () => {
    await bus.close();
    await documents.close();
    await clients.close();
    await database?.close();
  };
  try {
    await bus.ensureTopics(topicSpecifications(configuration));
  } catch (error) {
    await close();
    throw error;
  }
  const sources = new ConfiguredSources(configuration.registries, documents);
  return { configuration, log, bus, clients, sources, documents, channels, database, close };
}

function channelConfigOf(alert: Configuration['alerts'][number]): ChannelConfig {
  const channel = { name: alert.name, url: alert.url.reveal(), on: alert.on, allowPrivate: alert.allowPrivate };
  if (alert.type === 'slack') return { ...channel, type: 'slack' };
  return { ...channel, type: 'webhook', secret: alert.secret.reveal() };
}
