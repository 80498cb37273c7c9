import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Api, digestOf, eventOf, startApi } from '../api.fixture.js';

let api: Api;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api?.stop());

type Told = { type: string; state: string; repository: string };

/** Reads a stream's frames; `until` resolves when enough of a kind have come, `end` with all when it has ended. */
async function watch(query = '') {
  const answer = await api.request(`/api/v1/stream${query}`);
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  const frames: { event: string; data: Told }[] = [];
  let text = '';
  const next = async () => {
    const { done, value = '' } = await reader.read();
    text += value;
    const parts = text.split('\n\n');
    text = parts.pop() ?? '';
    for (const part of parts) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(part) ?? [];
      if (event && data) frames.push({ event, data: JSON.parse(data) });
    }
    return !done;
  };
  return {
    answer,
    until: async (count: number) => {
      while (frames.length < count) if (!(await next())) throw new Error('The stream has ended.');
      return frames;
    },
    end: async () => {
      while (await next());
      return frames;
    },
    cancel: () => reader.cancel(),
  };
}

describe('GET /api/v1/stream', () => {
  it('tells everything as it happens', async () => {
    const stream = await watch();
    expect(stream.answer.headers.get('content-type')).toContain('text/event-stream');
    await api.record({
      events: [
        eventOf('pushed', 0, { tag: 'v1', digest: digestOf('a') }),
        eventOf('pushed', 9, { tag: 'v1', digest: digestOf('b') }),
      ],
    });
    const frames = await stream.until(5);
    const told = frames.map(({ event, data }) => `${event} ${event === 'recorded' ? data.type : data.state}`);
    expect(told.sort()).toEqual([
      'recorded incidentOpened',
      'recorded pushed',
      'recorded pushed',
      'recorded violationDetected',
      'violation detected',
    ]);
    await stream.cancel();
  });

  it('tells of one repository only', async () => {
    const stream = await watch('?registry=local&repository=team/other');
    await api.record({ events: [eventOf('pushed', 20, { tag: 'dev', digest: digestOf('a') })] });
    await api.record({
      events: [eventOf('pushed', 21, { tag: 'dev', repository: 'team/other', digest: digestOf('a') })],
    });
    const [frame] = await stream.until(1);
    expect(frame?.data.repository).toBe('team/other');
    await stream.cancel();
  });

  it('ends when it may have missed something, so that the client reads anew', async () => {
    const stream = await watch();
    await api.sql(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tagwarden-listen' AND datname = current_database()`,
    );
    expect(await stream.end()).toEqual([]);
  });

  it('does not hold the application up when it shuts down', async () => {
    const stream = await watch();
    await api.stop();
    expect(await stream.end()).toEqual([]);
    api = undefined as never;
  });
});
