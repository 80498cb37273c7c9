import { DomainError } from '#domain';

/** `INCIDENT_UNKNOWN`: no incident has this id. */
export class IncidentUnknownError extends DomainError {
  constructor(id: string) {
    super('INCIDENT_UNKNOWN', `There is no incident ${id}. Take its id from GET /api/v1/incidents.`);
  }
}
