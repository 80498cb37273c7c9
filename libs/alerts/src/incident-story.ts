import type { ViolationAlert } from '#application';

/** A sentence on the incident, plain text; null where the violation is the only one. Who did it is text from outside. */
export function incidentStory({ incident, resolves, violation }: ViolationAlert): string | null {
  if (incident === null || incident.members < 2) return null;
  const { members, since, isMixed } = incident;
  const who = isMixed ? 'several identities' : (violation.actor ?? 'somebody whom the registry does not name');
  // To the minute, in UTC, as the time beside it has it.
  const changes = `changes of sealed tags by ${who} since ${since.slice(0, 16).replace('T', ' ')} UTC`;
  return resolves
    ? `The last of ${members} ${changes}; none of them is open.`
    : `One of ${members} ${changes}; the others are told of together with this one.`;
}
