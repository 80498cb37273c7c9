import { z } from 'zod';
import { paging } from './page.js';
import { registry as registryName } from './query-fields.js';
import { RuleName, time } from './view-fields.js';

export const RegistriesQuery = z.strictObject(paging(z.tuple([registryName])));
export type RegistriesQuery = z.infer<typeof RegistriesQuery>;

export const RegistryParameters = z.object({ name: registryName });
export type RegistryParameters = z.infer<typeof RegistryParameters>;

const cause = z.enum(['schedule', 'rules', 'hand']).meta({
  description: '`schedule`: its time has come; `rules`: rules have changed; `hand`: a person asked.',
});

const counts = {
  tags: z.int().meta({ description: 'Tags checked: those that a rule covers.' }),
  differences: z.int().meta({ description: 'Tags that did not point at what was recorded, or were not recorded.' }),
};

export const RunningSweepView = z.object({
  cause,
  startedAt: time,
  repositories: z.int().nullable().meta({ description: 'null until all are known.' }),
  repositoriesDone: z.int(),
  ...counts,
  error: z.string().nullable().meta({ description: 'What it met last, and tries again after.' }),
});

export const FinishedSweepView = z.object({
  cause,
  startedAt: time.meta({ description: 'Since then each tag was checked.' }),
  finishedAt: time,
  coverage: z.enum(['catalog', 'known']).meta({
    description:
      "`catalog`: the registry's own list of repositories, too. `known`: only those that were recorded or configured; the registry gives no list.",
  }),
  repositories: z.int(),
  ...counts,
  failures: z.int().meta({ description: 'Repositories that could not be checked whole.' }),
  error: z.string().nullable().meta({ description: 'Of the last of them.' }),
});

export const SweepView = z.object({
  everySeconds: z.number().meta({ description: 'As configured; a tenth more or less at random.' }),
  nextAt: time.nullable().meta({ description: 'null while one runs, and until the first is scheduled.' }),
  pending: z
    .enum(['rules', 'hand'])
    .nullable()
    .meta({ description: 'Why one more is to be done at once; null where none is.' }),
  running: RunningSweepView.nullable(),
  last: FinishedSweepView.nullable(),
});
export type SweepView = z.infer<typeof SweepView>;

export const RegistryView = z.object({
  name: z.string(),
  kind: z.string(),
  url: z.string(),
  webhookPath: z
    .string()
    .meta({ description: 'Where the registry sends its notifications.', examples: ['/hooks/local'] }),
  sweep: SweepView,
});
export type RegistryView = z.infer<typeof RegistryView>;

export const SealingView = z.object({
  rule: RuleName,
  sealed: z.int().meta({ description: 'Tags whose seal names the rule.' }),
  waiting: z
    .int()
    .meta({ description: 'Recorded tags that it covers and that are about to be read; 10,000 stands for more.' }),
  sweeps: z
    .array(SweepView.omit({ everySeconds: true, nextAt: true }).extend({ registry: z.string() }))
    .meta({ description: 'Of the registries that it covers.' }),
  done: z.boolean().meta({
    description: 'Each of them was swept from end to end since the rule is as it is, and no tag waits.',
  }),
});
export type SealingView = z.infer<typeof SealingView>;
