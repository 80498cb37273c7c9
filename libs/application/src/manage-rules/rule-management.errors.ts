import { DomainError, type RuleOrigin } from '#domain';

/** `RULE_UNKNOWN`: no rule in force has this id. */
export class RuleUnknownError extends DomainError {
  constructor(id: string) {
    super('RULE_UNKNOWN', `There is no rule ${JSON.stringify(id.slice(0, 100))}. Take its id from GET /api/v1/rules.`);
  }
}

/** `RULE_OWNED_BY_FILE`: only the configuration file can change it. */
export class RuleOwnedByFileError extends DomainError {
  constructor(name: string) {
    super(
      'RULE_OWNED_BY_FILE',
      `The rule ${JSON.stringify(name)} is declared in the configuration file, and is changed there: edit the file, then restart.`,
    );
  }
}

/** `RULE_NAME_TAKEN`: alerts and violations name rules, so no two may have one name. */
export class RuleNameTakenError extends DomainError {
  constructor(name: string, origin: RuleOrigin) {
    const where = origin === 'file' ? 'in the configuration file' : 'already, or twice in what was sent';
    super('RULE_NAME_TAKEN', `There is a rule named ${JSON.stringify(name)} ${where}. Choose another name.`);
  }
}
