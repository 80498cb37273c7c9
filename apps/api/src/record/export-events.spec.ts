import { Writable } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Response } from 'express';
import type { EventQueries } from '#application';
import type { EventView } from '#contracts';
import { exportEvents } from './export-events.js';

const event = (index: number) =>
  ({ id: `id ${index}`, claims: {}, actor: 'x'.repeat(500), detail: null }) as unknown as EventView;

/** An audit trail without end that counts the pages that are taken from it. */
function endless(failAtPage = Number.POSITIVE_INFINITY) {
  const trail = { pages: 0, next: async () => nextPage() };
  const nextPage = () => {
    trail.pages += 1;
    if (trail.pages === failAtPage) throw new Error('The database has gone.');
    return Array.from({ length: 1_000 }, (_, index) => event(index));
  };
  return trail as typeof trail & EventQueries;
}

/** A client that takes a chunk only when it is told to. */
function slowClient() {
  let takeNext: () => void = () => undefined;
  const response = new Writable({ write: (_chunk, _encoding, taken) => (takeNext = taken) });
  return { response: Object.assign(response, { setHeader() {} }) as unknown as Response, take: () => takeNext() };
}

describe('exportEvents', () => {
  it('reads no further than the client does', async () => {
    const trail = endless();
    const { response } = slowClient();
    const exporting = exportEvents(trail, {}, 'application/x-ndjson', response);
    for (let turn = 0; turn < 200; turn += 1) await tick();
    expect(trail.pages).toBe(1);
    response.destroy();
    await exporting;
  });

  it('stops reading when the client hangs up', async () => {
    const trail = endless();
    const { response, take } = slowClient();
    const exporting = exportEvents(trail, {}, 'text/csv', response);
    while (trail.pages < 3) {
      take();
      await tick();
    }
    response.destroy();
    await exporting;
    const pages = trail.pages;
    for (let turn = 0; turn < 50; turn += 1) await tick();
    expect(trail.pages).toBe(pages);
  });

  it('breaks off, rather than end as if it were whole, when the database fails', async () => {
    const { response, take } = slowClient();
    const exporting = exportEvents(endless(2), {}, 'application/x-ndjson', response);
    const taking = setInterval(take, 0);
    await expect(exporting).rejects.toThrow('The database has gone.');
    clearInterval(taking);
    expect(response.destroyed).toBe(true);
    expect(response.writableFinished).toBe(false);
  });
});
