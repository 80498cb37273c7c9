import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { KAFKA_VERSION } from './find-kafka.js';

const run = promisify(execFile);

/** The folder of Kafka's jars, `.cache/kafka-<version>` below the working directory; filled by Maven the first time. */
export async function fetchKafkaJars(): Promise<string> {
  const cache = resolve('.cache');
  const jars = join(cache, `kafka-${KAFKA_VERSION}`);
  if (existsSync(jars)) return jars;
  await mkdir(cache, { recursive: true });
  // Filled aside and renamed: a half-filled folder is never mistaken for a whole one, and two processes may race.
  const work = await mkdtemp(join(cache, 'kafka-download-'));
  try {
    await writeFile(join(work, 'pom.xml'), pom());
    const target = join(work, 'lib');
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`, '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-f', join(work, 'pom.xml'), ...goal], { maxBuffer: 1 << 24 });
    await rename(target, jars).catch((error) => {
      if (!existsSync(jars)) throw error;
    });
    return jars;
  } catch (error) {
    const { message, stdout } = error as Error & { stdout?: string };
    throw new Error(
      `Maven could not fetch Apache Kafka ${KAFKA_VERSION}; check that it reaches a repository (\`mvn -v\`, ~/.m2/settings.xml). ` +
        (stdout || message).slice(-1000),
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function pom(): string {
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>tagwarden</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
  </dependencies>
</project>
`;
}
