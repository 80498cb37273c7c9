import type { DemoRegistry, RegistrySurroundings } from './demo-registry.js';
import { startProgram } from './distribution.js';
import { startInDocker, whereDockerRuns } from './docker.js';
import { findProgram } from './find-program.js';
import { startZot } from './zot.js';

const NOTHING_FOUND =
  'There is no registry to show this on: neither registry, docker-registry nor zot is on the PATH, and no Docker engine answers. ' +
  'Start Docker, or install one of them (Debian, Ubuntu: apt-get install docker-registry; ' +
  'else https://github.com/distribution/distribution/releases), then run this again.';

/** The first that this machine offers: a program, a Docker engine, or Debian's package. */
export async function startRegistry(surroundings: RegistrySurroundings): Promise<DemoRegistry> {
  const program = process.env.TAGWARDEN_TEST_REGISTRY || (await findProgram(['registry', 'docker-registry']));
  if (program) return startProgram(surroundings, `It is ${program}.`);
  const zot = await findProgram(['zot']);
  if (zot !== null) return startZot(zot, surroundings);
  const place = await whereDockerRuns();
  if (place !== null) return startInDocker(place, surroundings);
  if (process.getuid?.() !== 0 || (await findProgram(['apt-get'])) === null) throw new Error(NOTHING_FOUND);
  surroundings.terminal.say(
    'There is none here: installing Debian’s docker-registry with apt-get. It stays installed.',
  );
  return startProgram(surroundings, 'It is Debian’s docker-registry, just installed.');
}
