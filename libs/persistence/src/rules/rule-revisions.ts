import { isDeepStrictEqual } from 'node:util';
import type { DataSource } from 'typeorm';
import { type RuleChange, type RuleEdit, RuleKeeping, type TransactionalQuery } from '#application';
import {
  type CompiledRule,
  compileRule,
  definitionOf,
  type Instant,
  type RegistryName,
  type Rule,
  type RuleDefinition,
  type RuleIdentity,
  ruleOf,
} from '#domain';
import { withDatabase } from '../database-unavailable.js';
import { CHANNELS } from '../record/channels.js';
import { queryOf } from '../record/pg-record-store.js';
import { appendServiceEvents, type ServiceEvent } from '../record/service-events.js';
import { requestSweeps } from '../sweeps/request-sweep.js';

/** A rule as a revision keeps it. */
export type StoredRule = RuleIdentity & { readonly definition: RuleDefinition };
export type RevisionRow = { effective_from: Instant | null; rules: StoredRule[] };

/** The one row of `ruling`, held while a change is written, so that apps which start together write one, and people one after the other. */
const LOCK = 'UPDATE ruling SET version = version + 1';

/** Locks the ruling until the transaction ends, and lets everybody who remembers it know that it is old. */
export async function changeRuling(query: TransactionalQuery): Promise<void> {
  await query(LOCK, []);
  await query('SELECT pg_notify($1, $2)', [CHANNELS.ruling, '']);
}

/** null before the first revision. */
async function lastRules(query: TransactionalQuery): Promise<StoredRule[] | null> {
  const [last] = (await query('SELECT rules FROM rule_revision ORDER BY id DESC LIMIT 1', [])) as RevisionRow[];
  return last?.rules ?? null;
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
      const query = queryOf(manager);
      await query('SELECT FROM ruling FOR UPDATE', []);
      const last = await lastRules(query);
      const before = last ?? [];
      const others = before.filter(({ origin }) => origin !== 'file');
      const rules = [...fileRules.map(({ rule }) => storedOf(rule)), ...others];
      if (last !== null && isDeepStrictEqual(asStored(rules), last)) return false;
      await writeRevision(query, rules, 'configuration file', now);
      await sweepForNewCoverage(query, before, rules);
      await appendServiceEvents(query, [
        {
          ...OF_NO_TAG,
          type: 'rulesChanged',
          actor: 'configuration file',
          source: 'configuration',
          at: now,
          detail: { before, after: rules },
        },
      ]);
      return true;
    }),
  );
}

const OF_NO_TAG = { registry: null, repository: null, tag: null, digest: null } as const;

/** A revision follows the one that it was made from, also where two people's clocks, or their turns, say otherwise. */
async function writeRevision(
  query: TransactionalQuery,
  rules: readonly StoredRule[],
  author: string,
  now: Instant,
): Promise<void> {
  await changeRuling(query);
  await query(
    `INSERT INTO rule_revision (effective_from, rules, author, created_at)
     SELECT greatest($1::timestamptz, max(effective_from) + interval '1 microsecond'), $2, $3, $1 FROM rule_revision`,
    [now, JSON.stringify(rules), author],
  );
}

/** What a rule newly covers is sealed at what the registry shows, whether its notifications ever told of it or not. */
async function sweepForNewCoverage(
  query: TransactionalQuery,
  before: readonly StoredRule[],
  after: readonly StoredRule[],
): Promise<void> {
  const isNew = (rule: StoredRule) => {
    const stored = asStored(rule);
    return !before.some((known) => isDeepStrictEqual(known, stored));
  };
  const changed = after
    .filter((rule) => rule.definition.enabled !== false && isNew(rule))
    .map(({ definition, ...identity }) => compileRule(definition, identity));
  if (changed.length === 0) return;
  const rows = (await query('SELECT registry FROM sweep', [])) as { registry: RegistryName }[];
  const concerned = rows.filter(({ registry }) => changed.some((rule) => rule.mayCoverRegistry(registry)));
  await requestSweeps(
    query,
    concerned.map(({ registry }) => registry),
    'rules',
  );
}

/** As it comes back from the database: without the keys that are undefined. */
const asStored = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const storedOf = (rule: Rule): StoredRule => ({ id: rule.id, origin: rule.origin, definition: definitionOf(rule) });

/** The rules that people manage, in PostgreSQL: each change is a revision of the whole set, with its line in the audit trail. */
export class PgRuleKeeping extends RuleKeeping {
  constructor(private readonly dataSource: DataSource) {
    super();
  }

  override change(by: string, at: Instant, edit: (rules: readonly Rule[]) => RuleEdit): Promise<void> {
    return withDatabase(() =>
      this.dataSource.transaction(async (manager) => {
        const query = queryOf(manager);
        await query('SELECT FROM ruling FOR UPDATE', []);
        const stored = (await lastRules(query)) ?? [];
        const { rules, changes } = edit(stored.map(({ definition, ...identity }) => ruleOf(definition, identity)));
        if (changes.length === 0) return;
        const written = rules.map(storedOf);
        await writeRevision(query, written, by, at);
        await sweepForNewCoverage(query, stored, written);
        await appendServiceEvents(
          query,
          changes.map((change) => eventOf(change, by, at)),
        );
      }),
    );
  }
}

function eventOf({ type, before, after }: RuleChange, by: string, at: Instant): ServiceEvent {
  const rule = after ?? before;
  const detail = {
    ruleId: rule?.id,
    name: rule?.name,
    before: before === null ? null : definitionOf(before),
    after: after === null ? null : definitionOf(after),
  };
  return { ...OF_NO_TAG, type, actor: by, source: 'api', at, detail };
}
