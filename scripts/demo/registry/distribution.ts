import { startDistribution } from '#testing';
import { type DemoRegistry, hookUrl, IGNORED_EVENTS, type RegistrySurroundings } from './demo-registry.js';

/** CNCF distribution, 2.8 or 3, as a program of this machine; installed first, where that is possible. */
export async function startProgram(surroundings: RegistrySurroundings, origin: string): Promise<DemoRegistry> {
  const { hook, cleanup } = surroundings;
  const registry = await startDistribution({
    notifications: {
      url: hookUrl(hook),
      headers: { Authorization: [`Bearer ${hook.token}`] },
      ignore: IGNORED_EVENTS,
    },
  });
  cleanup.add('the registry', () => registry.stop());
  return { kind: 'distribution', url: registry.url, host: registry.host, origin };
}
