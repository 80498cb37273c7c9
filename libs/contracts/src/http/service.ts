import { z } from 'zod';

export const HealthView = z.object({ status: z.literal('ok') });
export type HealthView = z.infer<typeof HealthView>;

/** RFC 9457, and what this service adds to it. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().optional().meta({ description: 'Stable, for programs.' }),
  errors: z
    .array(
      z.object({
        path: z.string(),
        message: z.string(),
        pattern: z.string().nullable().optional(),
        position: z.int().nullable().optional().meta({ description: 'Where in the pattern, from 0.' }),
      }),
    )
    .optional()
    .meta({ description: 'Each thing that is wrong, by its place in the request.' }),
  errorId: z.string().optional().meta({ description: 'Finds the log line of an error that is ours.' }),
});
export type Problem = z.infer<typeof Problem>;
