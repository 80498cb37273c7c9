import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { HOOK_TOKEN } from '../service.js';

const FIXTURE = 'libs/registries/src/distribution/fixtures/01-push-image-by-tag.json';

type Recorded = {
  notifications: { headers: Record<string, string>; body: { events: { id: string; target: { tag?: string } }[] } }[];
};

/** Makes whole HTTP requests of a notification that distribution 2.8 sent when a tag was pushed, each with an id of its own. */
export async function loadRecordedNotification(): Promise<(port: number) => Buffer> {
  const recorded = JSON.parse(await readFile(FIXTURE, 'utf8')) as Recorded;
  const push = recorded.notifications.find(({ body }) => body.events[0]?.target.tag !== undefined);
  const id = push?.body.events[0]?.id;
  if (!push || id === undefined) throw new Error(`${FIXTURE} holds no push of a tag.`);
  const text = JSON.stringify(push.body);
  const { host: _, 'content-length': __, ...headers } = push.headers;
  const lines = Object.entries({ ...headers, authorization: `Bearer ${HOOK_TOKEN}` })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  return (port) => {
    const body = text.replace(id, randomUUID());
    const length = Buffer.byteLength(body);
    return Buffer.from(
      `POST /hooks/local HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: ${length}\r\n${lines}\r\n${body}`,
    );
  };
}
