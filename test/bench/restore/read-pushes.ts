import type { IncomingMessage } from 'node:http';

export type Push = { readonly repository: string; readonly tag: string; readonly digest: string };

type Body = { events: { action: string; target: { repository: string; tag?: string; digest: string } }[] };

/** The pushes under a tag that a notification of distribution tells of. */
export async function readPushes(request: IncomingMessage): Promise<Push[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { events } = JSON.parse(Buffer.concat(chunks).toString()) as Body;
  return events.flatMap(({ action, target: { repository, tag, digest } }) =>
    action === 'push' && tag !== undefined ? [{ repository, tag, digest }] : [],
  );
}
