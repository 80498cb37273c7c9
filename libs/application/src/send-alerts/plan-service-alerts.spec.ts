import { describe, expect, it } from '@jest/globals';
import { SERVICE_CHANGES } from '#contracts';
import { instantOf, parseRegistryName } from '#domain';
import { type AlertChange, AlertChannel, type AlertRoute } from '../ports/alert-channel.js';
import { planServiceAlerts, type ServiceNotice } from './plan-service-alerts.js';

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
const notice = (type: ServiceNotice['type'], more: Partial<ServiceNotice> = {}): ServiceNotice => ({
  type,
  registry: parseRegistryName('local'),
  sentence: 'Something is wrong.',
  at: instantOf(0),
  ...more,
});
const told = (one: ServiceNotice, ...routes: AlertRoute[]) =>
  planServiceAlerts(one, routes).map(({ channel, followUp }) => [channel, followUp]);

describe('planServiceAlerts', () => {
  it('tells the channels that asked for it', () => {
    const routes = [route('ops', 'canaryFailed'), route('chat', 'failed', 'registryDeaf')];
    expect(told(notice('canaryFailed'), ...routes)).toEqual([['ops', false]]);
    expect(told(notice('registryDeaf'), ...routes)).toEqual([['chat', false]]);
  });

  it.each(['canaryRecovered', 'registryHeard'] as const)(
    'closes with %s where nobody asked for that, if there is something open',
    (type) => {
      expect(told(notice(type), route('ops'), route('chat', type))).toEqual([
        ['ops', true],
        ['chat', false],
      ]);
    },
  );

  it('groups what belongs together, a registry and a subject at a time', () => {
    const keyOf = (one: ServiceNotice) => planServiceAlerts(one, [route('ops', one.type)])[0]?.alert.dedupKey;
    const other = parseRegistryName('other');
    expect(SERVICE_CHANGES.map((type) => keyOf(notice(type)))).toEqual([
      'canary/local',
      'canary/local',
      'hearing/local',
      'hearing/local',
    ]);
    expect(keyOf(notice('registryDeaf', { registry: other }))).toBe('hearing/other');
  });

  it('gives each time and each channel a message of its own, the same again when it is planned again', () => {
    const idsOf = (one: ServiceNotice) =>
      planServiceAlerts(one, [route('ops', 'canaryFailed'), route('siem', 'canaryFailed')]).map(
        ({ alert }) => alert.messageId,
      );
    expect(idsOf(notice('canaryFailed'))).toEqual(idsOf(notice('canaryFailed')));
    const all = [...idsOf(notice('canaryFailed')), ...idsOf(notice('canaryFailed', { at: instantOf(1) }))];
    expect(new Set(all).size).toBe(4);
  });
});
