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

const seconds = z.number().nullable();

export const CanaryView = z.object({
  every: z.string().meta({ description: 'As configured; a tenth more or less at random.', examples: ['3600s'] }),
  repository: z.string().meta({ description: 'Where its tag is, which is called `canary`.' }),
  lastRun: z
    .object({
      at: time.meta({ description: 'When it ended.' }),
      outcome: z.enum(['ok', 'notDetected', 'notRestored', 'refused']).meta({
        description: '`refused`: the registry did not take the canary itself, or could not be reached.',
      }),
      detectSeconds: seconds.meta({ description: 'From the overwriting until the violation was recorded.' }),
      restoreSeconds: seconds.meta({ description: 'From the overwriting until the tag was restored.' }),
      sentence: z.string().meta({ description: 'What happened and, unless all is well, what to look at.' }),
    })
    .nullable()
    .meta({ description: 'null: it has not run yet.' }),
});
export type CanaryView = z.infer<typeof CanaryView>;

export const DeafnessView = z.object({
  since: time.meta({ description: 'When it was last known to send notifications.' }),
  sentence: z.string().meta({ description: 'What the sweep found, and what to look at.' }),
});
export type DeafnessView = z.infer<typeof DeafnessView>;

export const RegistryView = z.object({
  name: z.string(),
  kind: z.string(),
  url: z.string(),
  webhookPath: z
    .string()
    .meta({ description: 'Where the registry sends its notifications.', examples: ['/hooks/local'] }),
  origin: z
    .enum(['file', 'api'])
    .meta({ description: '`file`: declared in the configuration file, and changed only there.' }),
  definition: z
    .record(z.string(), z.unknown())
    .meta({ description: 'In the shape of tagwarden.yaml, without name and secrets: what a PUT takes.' }),
  secrets: z.array(z.string()).meta({
    description: 'The key paths of the secrets that are there. None is ever shown.',
    examples: [['password', 'webhook.token']],
  }),
  unreadable: z.string().nullable().meta({
    description: 'Why its stored credentials cannot be used, for one that is not watched. Send it anew with PUT.',
  }),
  sweep: SweepView,
  canary: CanaryView.nullable().meta({
    description: 'A tag of our own that is overwritten on a schedule; null: none.',
  }),
  deaf: DeafnessView.nullable().meta({
    description: 'Sweeps find changes there that no notification tells of; the next notification ends it. null: no.',
  }),
});
export type RegistryView = z.infer<typeof RegistryView>;

const webhookUrl = z.string().meta({ description: 'Where notifications are to be sent.' });
const notes = z.array(z.string()).meta({ description: 'What the kind cannot tell, and what else to know.' });

export const SubscriptionView = z.object({
  kind: z.string(),
  webhookUrl,
  installable: z.boolean().meta({ description: 'POST does it by itself, over the API of the vendor.' }),
  steps: z
    .array(
      z.object({
        title: z.string(),
        language: z.enum(['yaml', 'shell', 'terraform', 'json', 'text']),
        text: z.string(),
      }),
    )
    .meta({ description: "What to paste. A secret's place is marked `<…>`." }),
  notes,
  heard: z.object({ lastAt: time.nullable().meta({ description: 'When the last notification came, to the minute.' }) }),
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;

export const InstalledSubscriptionView = z.object({
  kind: z.string(),
  webhookUrl,
  outcome: z.enum(['created', 'updated', 'unchanged', 'reenabled']),
  subscriptions: z.array(z.string()).meta({ description: 'As the vendor names them.' }),
  notes,
});
export type InstalledSubscriptionView = z.infer<typeof InstalledSubscriptionView>;

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
