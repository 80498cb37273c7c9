import type { QueryRunner } from 'typeorm';
import { MIGRATIONS } from './index.js';

/** What the migrations run, in order: the schema as one file, for people to read and for reviews to show its changes. */
export async function schemaStatements(): Promise<string[]> {
  const statements: string[] = [];
  const collect = { query: async (sql: string) => void statements.push(sql) } as unknown as QueryRunner;
  for (const Migration of MIGRATIONS) await new Migration().up(collect);
  return statements;
}
