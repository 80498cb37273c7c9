import type { Log, RegistryKeeping, StoredDefinition, StoredRegistry } from '#application';
import { messageOf } from '#domain';
import { type KnownKind, loadStoredRegistry, type RegistryConfiguration } from '../configuration/index.js';

/** A stored registry that this process cannot use, and why. */
export type UnreadableRegistry = {
  readonly name: string;
  readonly kind: string;
  readonly url: string;
  readonly reason: string;
};

type Stored = Pick<StoredRegistry, 'version' | 'definition'> &
  ({ readonly usable: RegistryConfiguration } | { readonly unreadable: UnreadableRegistry });

const LOOK_EVERY_MS = 30_000;

/** The registries of the configuration file and those that people manage, as they are now. What the file declares goes first. */
export class CurrentRegistries {
  private stored: ReadonlyMap<string, Stored> = new Map();
  private current: readonly RegistryConfiguration[];
  private readonly byName = new Map<string, RegistryConfiguration>();
  private readonly listeners = new Set<() => void>();
  private readonly fileNames: ReadonlySet<string>;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();

  /** `keeping` is null in a process without a database: it knows the file's alone. */
  constructor(
    private readonly ofFile: readonly RegistryConfiguration[],
    private readonly kinds: readonly KnownKind[],
    private readonly keeping: Pick<RegistryKeeping, 'list'> | null,
    private readonly log: Log,
  ) {
    this.fileNames = new Set(ofFile.map(({ name }) => name));
    this.current = ofFile;
    for (const registry of ofFile) this.byName.set(registry.name, registry);
  }

  /** A registry that has not changed since is the same object. */
  list(): readonly RegistryConfiguration[] {
    return this.current;
  }

  names(): readonly RegistryConfiguration['name'][] {
    return this.current.map(({ name }) => name);
  }

  find(name: string): RegistryConfiguration | null {
    return this.byName.get(name) ?? null;
  }

  isOfFile(name: string): boolean {
    return this.fileNames.has(name);
  }

  /** As somebody sent it, without secrets; null where it is the file's, or unknown. */
  definitionOf(name: string): StoredDefinition | null {
    return this.stored.get(name)?.definition ?? null;
  }

  unreadable(): readonly UnreadableRegistry[] {
    return [...this.stored.values()].flatMap((one) => ('unreadable' in one ? [one.unreadable] : []));
  }

  /** Called after each change. Answers the function that stops it. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** One look after the other: what is found last is what is so. */
  refresh(): Promise<void> {
    const look = this.looking.then(() => this.look());
    this.looking = look.catch(() => undefined);
    return look;
  }

  /** Looks now and then; `wakeBy` is told what to call when something has changed, and answers how to end that. */
  start(wakeBy: (wake: () => void) => () => void): () => void {
    if (this.keeping === null) return () => undefined;
    const wake = () => void this.refresh().catch((error: unknown) => this.warn(error));
    const stopListening = wakeBy(wake);
    this.timer = setInterval(wake, LOOK_EVERY_MS).unref();
    return () => {
      stopListening();
      clearInterval(this.timer);
    };
  }

  private async look(): Promise<void> {
    if (this.keeping === null) return;
    const rows = await this.keeping.list();
    const stored = new Map(
      rows.filter(({ name }) => !this.isOfFile(name)).map((row) => [row.name, this.knownOrLoaded(row)]),
    );
    const isSame =
      stored.size === this.stored.size && [...stored].every(([name, one]) => this.stored.get(name) === one);
    if (isSame) return;
    this.stored = stored;
    this.current = [...this.ofFile, ...[...stored.values()].flatMap((one) => ('usable' in one ? [one.usable] : []))];
    this.byName.clear();
    for (const registry of this.current) this.byName.set(registry.name, registry);
    for (const listener of this.listeners) listener();
  }

  private knownOrLoaded(row: StoredRegistry): Stored {
    const known = this.stored.get(row.name);
    if (known?.version === row.version) return known;
    const loaded = loadStored(row, this.kinds);
    if ('unreadable' in loaded)
      this.log.error(`${loaded.unreadable.reason} The registry is not watched; the others are.`, {
        registry: row.name,
      });
    return loaded;
  }

  private warn(error: unknown): void {
    this.log.warn(`The stored registries cannot be read just now: ${messageOf(error)} Going on with those known.`);
  }
}

function loadStored({ name, definition, secrets, version }: StoredRegistry, kinds: readonly KnownKind[]): Stored {
  const { kind, url } = definition;
  const about = { name, kind: String(kind), url: String(url) };
  const stored = { version, definition };
  if (secrets.type === 'unreadable') return { ...stored, unreadable: { ...about, reason: secrets.reason } };
  try {
    return { ...stored, usable: loadStoredRegistry(name, definition, secrets.values, kinds) };
  } catch (error) {
    const reason = `The stored registry "${name}" is not understood: ${messageOf(error)}`;
    return { ...stored, unreadable: { ...about, reason } };
  }
}
