import { once } from 'node:events';
import { createServer } from 'node:net';

const CANDIDATES = 100;

/** The first port from `wanted` on that 127.0.0.1 has free. */
export async function choosePort(wanted: number): Promise<number> {
  for (let port = wanted; port < wanted + CANDIDATES; port++) if (await isFree(port)) return port;
  throw new Error(`127.0.0.1 has no free port from ${wanted} to ${wanted + CANDIDATES - 1}. Free one of them.`);
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}
