import { HookConnection } from './hook-connection.js';

export type Load = { readonly latencies: readonly number[]; readonly elapsedMs: number };

type MakeRequest = (port: number) => Buffer;

/** As distribution does: one after the other, each over a TCP connection of its own, whose opening counts. */
export async function sendOneByOne(port: number, make: MakeRequest, count: number): Promise<Load> {
  const latencies: number[] = [];
  const startedAt = performance.now();
  for (let sent = 0; sent < count; sent += 1) {
    const request = make(port);
    const sentAt = performance.now();
    const connection = await HookConnection.open(port);
    await connection.post(request);
    latencies.push(performance.now() - sentAt);
    connection.close();
  }
  return { latencies, elapsedMs: performance.now() - startedAt };
}

/** As many registries, or a proxy, do: kept connections, each with one request under way. */
export async function sendConcurrently(
  port: number,
  make: MakeRequest,
  { connections, forMs }: { connections: number; forMs: number },
): Promise<Load> {
  const latencies: number[] = [];
  const open = await Promise.all(Array.from({ length: connections }, () => HookConnection.open(port)));
  const startedAt = performance.now();
  const keepSending = async (connection: HookConnection) => {
    while (performance.now() - startedAt < forMs) {
      const request = make(port);
      const sentAt = performance.now();
      await connection.post(request);
      latencies.push(performance.now() - sentAt);
    }
  };
  try {
    await Promise.all(open.map(keepSending));
    return { latencies, elapsedMs: performance.now() - startedAt };
  } finally {
    for (const connection of open) connection.close();
  }
}
