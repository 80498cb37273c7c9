import { z } from 'zod';
import { registry } from './query-fields.js';
import { RuleView } from './settings.js';
import { RuleName } from './view-fields.js';

const name = z.string().min(1, 'It must not be empty.').max(255, 'It must have at most 255 characters.');

export const RuleImportBody = z.strictObject({
  format: name.meta({
    description: 'The kind of registry that the settings come from: harbor, dockerhub, ecr or quay.',
    examples: ['harbor'],
  }),
  registry: registry
    .nullable()
    .default(null)
    .meta({ description: 'The configured registry that the rules shall hold for. Default: every one.' }),
  scope: z
    .strictObject({
      project: name.nullish().meta({ description: 'Harbor: the project that was asked for.' }),
      repository: name.nullish().meta({
        description: 'Where the settings do not name it: the repository, by its whole name, e.g. `team/app`.',
      }),
      organisation: name.nullish().meta({ description: 'Quay: the organisation that was asked for.' }),
    })
    .default({}),
  settings: z
    .unknown()
    .refine((settings) => settings !== undefined, 'It is required.')
    .meta({ description: "The JSON that the vendor's API answered, as it is." }),
  save: z.boolean().default(false).meta({ description: 'Save the rules. Otherwise they are only shown.' }),
});
export type RuleImportBody = z.infer<typeof RuleImportBody>;

const Remark = z.object({
  path: z.string().meta({
    description: 'A place in what was sent, or among the answered rules.',
    examples: ['settings[0].tag_selectors[0].pattern'],
  }),
  message: z.string(),
});

export const RuleImportView = z.object({
  rules: z
    .array(RuleView.omit({ id: true, origin: true }))
    .meta({ description: 'Rules that mean the same, in the shape of tagwarden.yaml, every default spelled out.' }),
  notExpressed: z.array(Remark).meta({ description: 'What has no equivalent: no rule stands for it.' }),
  notes: z.array(Remark).meta({ description: 'What is expressed, or needs no rule, and is worth knowing.' }),
  saved: z.array(RuleName).meta({ description: 'The rules as they were saved; none unless `save` asked for it.' }),
});
export type RuleImportView = z.infer<typeof RuleImportView>;
