/** The files of one violation; the first is the one that breaks the rule. */
type Seed = {
  readonly rule: string;
  readonly files: readonly [readonly [path: string, source: string], ...(readonly [string, string])[]];
};

const seed = (rule: string, path: string, source: string, ...others: readonly (readonly [string, string])[]): Seed => ({
  rule,
  files: [[path, source], ...others],
});

const LIBS = [
  'domain',
  'contracts',
  'application',
  'registries',
  'alerts',
  'persistence',
  'messaging',
  'platform',
  'testing',
];

/** Files that break nothing, and that the violations lean on. */
export const SOUND_FILES: readonly (readonly [path: string, source: string])[] = [
  ...LIBS.flatMap((lib) => [
    [`libs/${lib}/src/index.ts`, `export * from './inside.js';\n`] as const,
    [`libs/${lib}/src/inside.ts`, `export const ${lib} = 1;\nexport type ${lib.toUpperCase()} = 1;\n`] as const,
  ]),
  ['libs/domain/src/hashed.ts', `import { createHash } from 'node:crypto';\nexport { createHash };\n`],
  ['libs/persistence/src/migrations.ts', `import { messaging } from '#messaging';\nexport const m = messaging;\n`],
  ['libs/platform/src/wired.ts', `import { alerts } from '#alerts';\nexport const a = alerts;\n`],
  ['libs/alerts/src/inside.spec.ts', `import { testing } from '#testing';\nexport const t = testing;\n`],
  ['libs/alerts/src/this-type.ts', `import type { That } from './that-type.js';\nexport type This = That | 1;\n`],
  ['libs/alerts/src/that-type.ts', `import type { This } from './this-type.js';\nexport type That = This | 2;\n`],
  ['apps/intake/src/intake.module.ts', `import { platform } from '#platform';\nexport const p = platform;\n`],
  ['apps/intake/src/behind.ts', 'export const behind = 1;\n'],
  ['apps/standalone/src/main.ts', `import { p } from '../../intake/src/intake.module.js';\nexport const q = p;\n`],
];

/** Each breaks its rule once, in the way that it would happen. */
export const SEEDED_IMPORTS: readonly Seed[] = [
  seed('everything-resolves', 'libs/alerts/src/lost.ts', `import './nowhere.js';\n`),
  seed(
    'no-cycles',
    'libs/alerts/src/chicken.ts',
    `import { egg } from './egg.js';\nexport const chicken = () => egg;\n`,
    ['libs/alerts/src/egg.ts', `import { chicken } from './chicken.js';\nexport const egg = () => chicken;\n`],
  ),
  seed('libs-know-no-apps', 'libs/platform/src/app.ts', `export * from '../../../apps/intake/src/intake.module.js';\n`),
  seed('domain-stands-alone', 'libs/domain/src/reads.ts', `import fs from 'node:fs';\nexport default fs;\n`),
  seed(
    'domain-stands-alone',
    'libs/domain/src/wire.ts',
    `import type { CONTRACTS } from '#contracts';\nexport type W = CONTRACTS;\n`,
  ),
  seed('domain-stands-alone', 'libs/domain/src/zod.ts', `import { z } from 'zod';\nexport default z;\n`),
  seed('contracts-know-the-domain', 'libs/contracts/src/up.ts', `export * from '#application';\n`),
  seed('application-knows-domain-and-contracts', 'libs/application/src/sql.ts', `export * from '#persistence';\n`),
  seed(
    'application-knows-domain-and-contracts',
    'libs/application/src/db.ts',
    `import type pg from 'pg';\nexport type P = pg.Pool;\n`,
  ),
  seed('adapters-know-no-sibling', 'libs/alerts/src/bus.ts', `export * from '#messaging';\n`),
  seed('adapters-know-no-sibling', 'libs/messaging/src/record.ts', `export * from '#persistence';\n`),
  seed('persistence-knows-messaging-alone', 'libs/persistence/src/client.ts', `export * from '#registries';\n`),
  seed('platform-only-for-apps', 'libs/registries/src/settings.ts', `export * from '#platform';\n`),
  seed('testing-is-for-tests', 'apps/intake/src/fake.ts', `export * from '#testing';\n`),
  seed('testing-is-for-tests', 'libs/alerts/src/fake.ts', `export * from '#testing';\n`),
  seed('through-the-door', 'apps/intake/src/deep.ts', `export * from '../../../libs/alerts/src/inside.js';\n`),
  seed('through-the-door', 'libs/application/src/deep.ts', `export * from '../../domain/src/inside.js';\n`),
  seed('by-the-name-on-the-door', 'libs/application/src/relative.ts', `export * from '../../domain/src/index.js';\n`),
  seed('apps-do-not-meet', 'apps/recorder/src/shortcut.ts', `export * from '../../intake/src/intake.module.js';\n`),
  seed('standalone-takes-modules', 'apps/standalone/src/deep.ts', `export * from '../../intake/src/behind.js';\n`),
  seed(
    'no-dev-dependencies',
    'libs/platform/src/dev.ts',
    `import { Test } from '@nestjs/testing';\nexport default Test;\n`,
  ),
  seed(
    'kafkajs-at-home',
    'libs/messaging/src/embedded/k.ts',
    `import { Kafka } from 'kafkajs';\nexport default Kafka;\n`,
  ),
  seed('pg-at-home', 'apps/recorder/src/sql.ts', `import pg from 'pg';\nexport default pg;\n`),
  seed(
    'typeorm-at-home',
    'libs/messaging/src/orm.ts',
    `import { DataSource } from 'typeorm';\nexport default DataSource;\n`,
  ),
  seed('undici-at-home', 'apps/enforcer/src/http.ts', `import { fetch } from 'undici';\nexport default fetch;\n`),
  seed(
    'nestjs-at-home',
    'libs/persistence/src/module.ts',
    `import { Module } from '@nestjs/common';\nexport default Module;\n`,
  ),
  seed('express-at-home', 'libs/registries/src/hook.ts', `import express from 'express';\nexport default express;\n`),
];

export const SEEDED_WORDS: readonly { readonly rule: string; readonly path: string; readonly source: string }[] = [
  {
    rule: 'the environment is read by the configuration alone',
    path: 'libs/registries/src/client.ts',
    source: `// process.env is not read here\nexport const token = process.env.TOKEN;\n`,
  },
  {
    rule: 'domain and application have no clock of their own',
    path: 'libs/domain/src/rules/rule.ts',
    source: `export const now = Date.now();\n`,
  },
  {
    rule: 'domain and application have no chance of their own',
    path: 'libs/application/src/restore-tag/restore-tag.ts',
    source: `const jitter = Math.random();\n`,
  },
];
