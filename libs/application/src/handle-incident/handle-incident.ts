import type { Instant } from '#domain';
import type { AcceptViolation, Patience } from '../handle-violation/accept-violation.js';
import { acknowledgeViolation } from '../handle-violation/acknowledge-violation.js';
import { restoreViolation } from '../handle-violation/restore-violation.js';
import type { IncidentHandling } from '../ports/incidents.js';
import type { Log } from '../ports/log.js';
import type { ViolationHandling } from '../ports/violation-handling.js';
import { handleMembers, type RefusedMember } from './handle-members.js';

export type IncidentOutcome = {
  readonly done: number;
  /** Acceptances that were published, and that the recorder had not come to when patience ended. */
  readonly underWay: number;
  readonly refused: readonly RefusedMember[];
};

type Asked = { readonly by: string; readonly at: Instant };

/** Does to all violations of an incident what can be done to each. Throws `INCIDENT_UNKNOWN`. */
export class HandleIncident {
  constructor(
    private readonly incidents: IncidentHandling,
    private readonly violations: ViolationHandling,
    private readonly acceptance: AcceptViolation,
    private readonly patience: Patience,
    private readonly log: Log,
  ) {}

  async restore(id: string, { by, at }: Asked, reason?: string): Promise<IncidentOutcome> {
    const deed = { type: 'incidentRestoreRequested', by, at, reason: reason ?? null } as const;
    const open = await this.incidents.begin(id, deed, 'open');
    return this.outcomeOf(open, (violation) => restoreViolation(this.violations, violation, by, at, reason));
  }

  async acknowledge(id: string, { by, at }: Asked, note?: string): Promise<IncidentOutcome> {
    const deed = { type: 'incidentAcknowledged', by, at, reason: note ?? null } as const;
    const unmarked = await this.incidents.begin(id, deed, 'unmarked');
    return this.outcomeOf(unmarked, (violation) => acknowledgeViolation(this.violations, violation, by, at, note));
  }

  async accept(id: string, { by, at }: Asked, reason: string): Promise<IncidentOutcome> {
    const open = await this.incidents.begin(id, { type: 'incidentAccepted', by, at, reason }, 'open');
    // What is published for all is waited for once.
    const accept = (violation: string) => this.acceptance.publish(violation, { reason, by, at });
    const { done: published, refused } = await handleMembers(open, accept, this.log);
    const done = await this.waitUntilAccepted(published);
    return { done, underWay: published.length - done, refused };
  }

  private async outcomeOf(ids: readonly string[], handle: (id: string) => Promise<unknown>): Promise<IncidentOutcome> {
    const { done, refused } = await handleMembers(ids, handle, this.log);
    return { done: done.length, underWay: 0, refused };
  }

  private async waitUntilAccepted(published: readonly string[]): Promise<number> {
    for (let attempt = 1; ; attempt += 1) {
      const accepted = published.length === 0 ? 0 : await this.incidents.countAccepted(published);
      if (accepted === published.length || attempt >= this.patience.attempts) return accepted;
      await this.patience.sleep(this.patience.intervalMs);
    }
  }
}
