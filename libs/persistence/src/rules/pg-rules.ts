import { isDeepStrictEqual } from 'node:util';
import type { DataSource, EntityManager } from 'typeorm';
import { CurrentRules, type Log } from '#application';
import {
  type CompiledRule,
  compileRule,
  definitionOf,
  type Instant,
  messageOf,
  type RuleDefinition,
  RuleHistory,
  type RuleIdentity,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents } from '../record/service-events.js';

/** A rule as a revision keeps it. */
type StoredRule = RuleIdentity & { readonly definition: RuleDefinition };
type RevisionRow = { effective_from: Instant | null; rules: StoredRule[] };

/** Held while a revision is written, so that apps which start together write one. */
const RULES_LOCK = 7_249_102;

/** The rules of the database: all revisions, as last read. */
export class PgRules extends CurrentRules {
  private current = new RuleHistory([]);
  private revisions = -1;

  constructor(
    private readonly dataSource: DataSource,
    private readonly log: Log,
  ) {
    super();
  }

  override history(): RuleHistory {
    return this.current;
  }

  /** Reads again; answers whether there was anything new. */
  async refresh(): Promise<boolean> {
    const rows = await withDatabase(
      async () =>
        (await this.dataSource.query('SELECT effective_from, rules FROM rule_revision ORDER BY id')) as RevisionRow[],
    );
    if (rows.length === this.revisions) return false;
    this.revisions = rows.length;
    this.current = new RuleHistory(
      rows.map(({ effective_from, rules }) => ({
        effectiveFrom: effective_from,
        rules: rules.flatMap((rule) => this.compile(rule)),
      })),
    );
    return true;
  }

  /** A stored rule was sound when it was saved. One that this version refuses covers nothing, and that must be known. */
  private compile({ definition, ...identity }: StoredRule): CompiledRule[] {
    try {
      return [compileRule(definition, identity)];
    } catch (error) {
      this.log.error(`The stored rule "${definition.name}" is not understood and covers nothing: ${messageOf(error)}`, {
        rule: identity.id,
      });
      return [];
    }
  }
}

/**
 * Makes the file's rules the current revision, if they differ from what is current. They hold from now on, at the first start too:
 * what a registry still has to tell from before must not be judged by rules that were not there. Answers whether anything changed.
 */
export function reviseFileRules(
  dataSource: DataSource,
  fileRules: readonly CompiledRule[],
  now: Instant,
): Promise<boolean> {
  return withDatabase(() =>
    dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [RULES_LOCK]);
      const [last] = (await manager.query(
        'SELECT effective_from, rules FROM rule_revision ORDER BY id DESC LIMIT 1',
      )) as RevisionRow[];
      const others = (last?.rules ?? []).filter(({ origin }) => origin !== 'file');
      const rules = [...fileRules.map(storedOf), ...others];
      if (last !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(rules)), last.rules)) return false;
      await writeRevision(manager, last?.rules ?? [], rules, now);
      return true;
    }),
  );
}

async function writeRevision(
  manager: EntityManager,
  before: readonly StoredRule[],
  rules: readonly StoredRule[],
  now: Instant,
): Promise<void> {
  await manager.query('INSERT INTO rule_revision (effective_from, rules, author, created_at) VALUES ($1, $2, $3, $4)', [
    now,
    JSON.stringify(rules),
    'configuration file',
    now,
  ]);
  const change = { type: 'rulesChanged', registry: null, repository: null, tag: null, digest: null, at: now } as const;
  await appendServiceEvents(queryOf(manager), [
    { ...change, actor: 'configuration file', source: 'configuration', detail: { before, after: rules } },
  ]);
}

const storedOf = ({ rule }: CompiledRule): StoredRule => ({
  id: rule.id,
  origin: rule.origin,
  definition: definitionOf(rule),
});
