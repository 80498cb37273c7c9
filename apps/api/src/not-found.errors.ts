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

/** `RULE_UNKNOWN`: no rule in force has this id. */
export class RuleUnknownError extends DomainError {
  constructor(id: string) {
    super('RULE_UNKNOWN', `There is no rule ${JSON.stringify(id.slice(0, 100))}. Take its id from GET /api/v1/rules.`);
  }
}
