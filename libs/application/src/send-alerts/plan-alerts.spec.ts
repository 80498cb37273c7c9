import { describe, expect, it } from '@jest/globals';
import type { ViolationChange } from '#contracts';
import { type IncidentId, instantOf, type ToldPage, type Violation } from '#domain';
import { type AlertChange, AlertChannel, type AlertRoute } from '../ports/alert-channel.js';
import { planAlerts, type ViolationChangeNotice } from './plan-alerts.js';

class SilentChannel extends AlertChannel {
  constructor(readonly name: string) {
    super();
  }
  async send() {
    return { status: 200 };
  }
}

const route = (name: string, ...on: AlertChange[]): AlertRoute => ({
  channel: new SilentChannel(name),
  on: new Set(on),
});
const violation = { id: 'v1', registry: 'local', repository: 'acme/app', tag: 'v1.0' } as Violation;
const notice = (change: ViolationChange, id = `event-${change}`): ViolationChangeNotice => ({
  id,
  change,
  at: instantOf(0),
  violation,
  isQuiet: false,
  incident: null,
});
const page = (number: number, ...changes: ViolationChange[]) => ({ page: number, changes, closes: false });
const closing = (number: number, ...changes: ViolationChange[]) => ({ page: number, changes, closes: true });
const ofIncident = (change: ViolationChange, earlier: ToldPage[]): ViolationChangeNotice => ({
  ...notice(change),
  incident: { id: 'i1' as IncidentId, members: 3, since: instantOf(0), isMixed: false, page: 9, earlier },
});

describe('planAlerts', () => {
  it('tells the channels that asked for the change', () => {
    const planned = planAlerts(notice('failed'), [
      route('ops', 'failed'),
      route('chat', 'detected'),
      route('siem', 'failed'),
    ]);
    expect(planned.map(({ channel, followUp }) => [channel, followUp])).toEqual([
      ['ops', false],
      ['siem', false],
    ]);
  });

  it.each(['restored', 'selfHealed', 'accepted', 'waived', 'withdrawn'] as const)(
    'resolves on %s, also where only the violation was asked for',
    (change) => {
      const [planned] = planAlerts(notice(change), [route('ops', 'detected')]);
      expect(planned).toMatchObject({ followUp: true, alert: { resolves: true, dedupKey: 'v1' } });
    },
  );

  it.each(['detected', 'restoring', 'failed', 'audited', 'fight'] as const)('does not resolve on %s', (change) => {
    expect(planAlerts(notice(change), [route('ops', change)])[0]?.alert.resolves).toBe(false);
    expect(planAlerts(notice(change), [route('ops')])).toEqual([]);
  });

  it('gives a redelivered notice the same message id, and each channel its own', () => {
    const routes = [route('ops', 'failed'), route('siem', 'failed')];
    const ids = planAlerts(notice('failed'), routes).map(({ alert }) => alert.messageId);
    expect(planAlerts(notice('failed'), routes).map(({ alert }) => alert.messageId)).toEqual(ids);
    expect(new Set(ids).size).toBe(2);
  });

  it('tells of a second failure of the same violation', () => {
    const routes = [route('ops', 'failed')];
    const [first, second] = [notice('failed', 'event-1'), notice('failed', 'event-2')].map(
      (n) => planAlerts(n, routes)[0]?.alert,
    );
    expect(first?.messageId).not.toBe(second?.messageId);
    expect(first?.dedupKey).toBe(second?.dedupKey);
  });

  it('tells nobody of what is quiet', () => {
    expect(planAlerts({ ...notice('detected'), isQuiet: true }, [route('ops', 'detected')])).toEqual([]);
  });

  it("groups by the incident, in the order of what this channel was told of it, another's left out", () => {
    const earlier = [closing(3, 'restored', 'audited'), page(4, 'detected'), page(5, 'fight')];
    const planned = planAlerts(ofIncident('failed', earlier), [
      route('ops', 'detected', 'failed'),
      route('siem', 'failed', 'audited'),
    ]);
    expect(planned.map(({ channel, alert, after }) => [channel, alert.dedupKey, after])).toEqual([
      ['ops', 'i1', [4]],
      ['siem', 'i1', [3]],
    ]);
  });

  it('closes an incident where it was told of, without looking for the alert, which may come later', () => {
    const earlier = [page(1, 'detected'), page(2, 'failed')];
    const planned = planAlerts(ofIncident('restored', earlier), [route('ops', 'failed'), route('siem', 'audited')]);
    expect(planned.map(({ channel, followUp, after }) => [channel, followUp, after])).toEqual([
      ['ops', false, [2]],
      ['siem', true, []],
    ]);
  });
});
