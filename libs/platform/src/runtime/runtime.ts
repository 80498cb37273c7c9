import { type ChannelConfig, createAlertChannels } from '#alerts';
import type { AlertChannels, Log, MessageBus, NotificationSources, RegistryKeeping } from '#application';
import { DomainError } from '#domain';
import { CHANNELS, PgRegistryKeeping } from '#persistence';
import { type CloseableRegistryClients, HttpsDocuments, KNOWN_KINDS } from '#registries';
import type { Configuration } from '../configuration/index.js';
import { CurrentRegistries } from './current-registries.js';
import { openBus, topicSpecifications } from './open-bus.js';
import { type OpenDatabase, openDatabase } from './open-database.js';
import { ConfiguredSources, openRegistryClients } from './registries.js';
import { FileKeyring } from './secret-keyring.js';
import { VERSION } from './version.js';

/** Everything that an app is wired from, opened once a process. */
export type Runtime = {
  readonly configuration: Configuration;
  readonly log: Log;
  readonly bus: MessageBus;
  readonly registries: CurrentRegistries;
  /** null without a database. */
  readonly registryKeeping: RegistryKeeping | null;
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
  const registryKeeping = database === null ? null : openRegistryKeeping(configuration, needs, database);
  const registries = new CurrentRegistries(configuration.registries, KNOWN_KINDS, registryKeeping, log);
  // No rule may cover what the service itself keeps in guard repositories.
  const spareGuards = () => database?.rules.spare((name) => registries.find(name)?.guard.repository ?? null);
  spareGuards();
  registries.onChange(spareGuards);
  const clients = openRegistryClients(registries, VERSION, log);
  const channels = createAlertChannels(configuration.alerts.map(channelConfigOf));
  const documents = new HttpsDocuments();
  let stopFollowing = () => {};
  const close = async () => {
    stopFollowing();
    await bus.close();
    await documents.close();
    await clients.close();
    await database?.close();
  };
  try {
    await bus.ensureTopics(topicSpecifications(configuration));
    await registries.refresh();
    stopFollowing = registries.start((wake) => database?.listener.on(CHANNELS.registries, wake) ?? (() => undefined));
  } catch (error) {
    await close();
    throw error;
  }
  const sources = new ConfiguredSources(registries, documents);
  return {
    configuration,
    log,
    bus,
    registries,
    registryKeeping,
    clients,
    sources,
    documents,
    channels,
    database,
    close,
  };
}

const openRegistryKeeping = (
  { secretKey, dataDir }: Configuration,
  { standalone }: RuntimeNeeds,
  { dataSource }: OpenDatabase,
): RegistryKeeping =>
  new PgRegistryKeeping(dataSource, new FileKeyring({ configured: secretKey, dataDir, mayGenerate: standalone }));

function channelConfigOf(alert: Configuration['alerts'][number]): ChannelConfig {
  const channel = { name: alert.name, url: alert.url.reveal(), on: alert.on, allowPrivate: alert.allowPrivate };
  if (alert.type === 'slack') return { ...channel, type: 'slack' };
  return { ...channel, type: 'webhook', secret: alert.secret.reveal() };
}
