import { DomainError } from '#domain';

/** `REGISTRY_EXISTS`: names are unique, those of the configuration file included. */
export class RegistryExistsError extends DomainError {
  constructor(name: string) {
    super(
      'REGISTRY_EXISTS',
      `There is a registry named "${name}" already. Choose another name, or change that one: PUT /api/v1/registries/${name}.`,
    );
  }
}

/** `REGISTRY_OWNED_BY_FILE`: what the file declares is changed there. */
export class RegistryOwnedByFileError extends DomainError {
  constructor(name: string) {
    super(
      'REGISTRY_OWNED_BY_FILE',
      `The registry "${name}" comes from the configuration file. Change it there, and start again.`,
    );
  }
}

/** `REGISTRY_CHANGED_MEANWHILE`: somebody else was quicker. */
export class RegistryChangedMeanwhileError extends DomainError {
  constructor(name: string) {
    super(
      'REGISTRY_CHANGED_MEANWHILE',
      `The registry "${name}" was changed or deleted meanwhile. Read it again (GET /api/v1/registries/${name}), then repeat your change.`,
    );
  }
}

/** `REGISTRY_UNKNOWN`: neither the file nor the API has declared it. */
export class RegistryNotFoundError extends DomainError {
  constructor(name: string) {
    super('REGISTRY_UNKNOWN', `No registry is named "${name}"; GET /api/v1/registries lists those that there are.`);
  }
}
