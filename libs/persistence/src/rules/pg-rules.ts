import type { DataSource } from 'typeorm';
import { CurrentRules, type Log, type Ruling, type TransactionalQuery } from '#application';
import {
  type CompiledRule,
  type CompiledWaiver,
  compileRule,
  compileWaiver,
  type Instant,
  messageOf,
  NO_WAIVERS,
  type RegistryName,
  type RepositoryName,
  RuleHistory,
  spareRepository,
  WaiverBook,
  type WaiverDefinition,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import type { RevisionRow, StoredRule } from './rule-revisions.js';

type LiveWaiverRow = { id: string; definition: WaiverDefinition; live_from: Instant; live_until: Instant };

/** Those that were live once, or will be: what they permitted stays permitted when a tag is folded anew. */
const LOAD_WAIVERS = `SELECT id, definition, live_from, least(expires_at, revoked_at) AS live_until FROM waiver
WHERE live_from IS NOT NULL AND live_from < least(expires_at, revoked_at)`;

/** `revision`: the newest of the rules, null before the first. */
type Known = Ruling & { readonly version: string | null; readonly revision: string | null };

/** The rules and waivers of the database, all of them over time, as last read. */
export class PgRules extends CurrentRules {
  private known: Known = {
    version: null,
    revision: null,
    history: new RuleHistory([]),
    waivers: NO_WAIVERS,
  };

  private sparedOf: (registry: RegistryName) => RepositoryName | null = () => null;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Log,
  ) {
    super();
  }

  /** Takes a repository of each registry out of every rule. What is remembered of the rules is read anew. */
  spare(sparedOf: (registry: RegistryName) => RepositoryName | null): void {
    this.sparedOf = sparedOf;
    this.known = { ...this.known, version: null, revision: null };
  }

  override latest(): Ruling {
    return this.known;
  }

  override upToDate(query: TransactionalQuery = (sql, values) => this.dataSource.query(sql, values)): Promise<Ruling> {
    return withDatabase(async () => {
      const [row] = (await query('SELECT version FROM ruling', [])) as { version: string }[];
      if (row === undefined || row.version !== this.known.version) this.known = await this.load(query, row?.version);
      return this.known;
    });
  }

  /** The version was read first: what changed since is in what is loaded, or makes it be loaded again. */
  private async load(query: TransactionalQuery, version: string | undefined): Promise<Known> {
    const rules = await this.loadRules(query);
    const waivers = (await query(LOAD_WAIVERS, [])) as LiveWaiverRow[];
    return {
      version: version ?? null,
      ...rules,
      waivers: waivers.length === 0 ? NO_WAIVERS : new WaiverBook(waivers.flatMap((row) => this.compileWaiver(row))),
    };
  }

  /** The very history of before where only waivers have changed: what it remembers stays, and nobody takes the rules for new. */
  private async loadRules(query: TransactionalQuery): Promise<Pick<Known, 'revision' | 'history'>> {
    const { revision, history } = this.known;
    const [newest] = (await query('SELECT max(id) AS id FROM rule_revision', [])) as { id: string | null }[];
    if (newest?.id != null && newest.id === revision) return { revision, history };
    const rows = (await query(
      'SELECT id, effective_from, rules FROM rule_revision ORDER BY id',
      [],
    )) as (RevisionRow & {
      id: string;
    })[];
    const revisions = rows.map(({ effective_from, rules }) => ({
      effectiveFrom: effective_from,
      rules: rules.flatMap((rule) => this.compileRule(rule)),
    }));
    return { revision: rows.at(-1)?.id ?? null, history: new RuleHistory(revisions) };
  }

  /** A stored rule was sound when it was saved. One that this version refuses covers nothing, and that must be known. */
  private compileRule({ definition, ...identity }: StoredRule): CompiledRule[] {
    try {
      return [spareRepository(compileRule(definition, identity), (registry) => this.sparedOf(registry))];
    } catch (error) {
      this.log.error(`The stored rule "${definition.name}" is not understood and covers nothing: ${messageOf(error)}`, {
        rule: identity.id,
      });
      return [];
    }
  }

  private compileWaiver({ id, definition, live_from, live_until }: LiveWaiverRow): CompiledWaiver[] {
    try {
      return [compileWaiver(definition, { id, from: live_from, until: live_until })];
    } catch (error) {
      this.log.error(`The stored waiver ${id} is not understood and permits nothing: ${messageOf(error)}`);
      return [];
    }
  }
}
