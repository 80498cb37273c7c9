import type { TestIndex } from '#testing';
import type { DemoRegistry } from '../registry/demo-registry.js';
import type { ServiceApi } from '../service/service-api.js';
import { REGISTRY_NAME, type Service } from '../service/start-service.js';
import type { Terminal } from '../terminal.js';

export const REPOSITORY = 'acme/app';
export const TAG = 'v1.0.0';
/** Which the rule does not cover. */
export const FREE_TAG = 'edge';
export const PROTECTED = { registry: REGISTRY_NAME, repository: REPOSITORY, tag: TAG } as const;

/** Generous: a laptop that is busy with other things passes too. */
export const PATIENCE_MS = 30_000;

/** What every step of the story has to hand. */
export type Scene = {
  readonly registry: DemoRegistry;
  readonly service: Service;
  readonly api: ServiceApi;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  /** What the tag is sealed to. */
  readonly original: TestIndex;
  /** What somebody else puts in its place. */
  readonly other: TestIndex;
};
