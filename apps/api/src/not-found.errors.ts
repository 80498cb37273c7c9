import { DomainError, formatTagRef, type TagRef } from '#domain';

/** `TAG_UNKNOWN`: no event ever told of this tag. */
export class TagUnknownError extends DomainError {
  constructor(ref: TagRef) {
    super(
      'TAG_UNKNOWN',
      `${formatTagRef(ref)} was never seen. Check its spelling; if it exists, the registry's notifications do not arrive here.`,
    );
  }
}

/** `REJECTED_UNKNOWN`: no rejected notification has this id. */
export class RejectedUnknownError extends DomainError {
  constructor(id: string) {
    super('REJECTED_UNKNOWN', `There is no rejected notification ${id}. Take its id from GET /api/v1/rejected.`);
  }
}

/** `REGISTRY_UNKNOWN`: no registry of this name is configured. */
export class RegistryUnknownError extends DomainError {
  constructor(name: string) {
    super(
      'REGISTRY_UNKNOWN',
      `No registry named "${name}" is configured; GET /api/v1/registries lists those that are.`,
    );
  }
}
