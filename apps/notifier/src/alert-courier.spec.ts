import { describe, expect, it, jest } from '@jest/globals';
import { AlertChannel, AlertChannels, Log } from '#application';
import { AlertCourier } from './alert-courier.js';

class NamedChannel extends AlertChannel {
  constructor(readonly name: string) {
    super();
  }
  async send() {
    return { status: 200 };
  }
}
class Channels extends AlertChannels {
  private readonly routes;
  constructor(...names: string[]) {
    super();
    this.routes = names.map((name) => ({ channel: new NamedChannel(name), on: new Set<never>() }));
  }
  list() {
    return this.routes;
  }
}
class LogRecorder extends Log {
  readonly debug = jest.fn();
  readonly info = jest.fn();
  readonly warn = jest.fn();
  readonly error = jest.fn();
}
const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('AlertCourier', () => {
  it('goes on as long as there is something due, then waits to be woken', async () => {
    const due = [2, 1, 0, 0];
    const deliverDue = jest.fn(async () => due.shift() ?? 0);
    const courier = new AlertCourier(new Channels('ops'), { deliverDue }, new LogRecorder(), 60_000);
    courier.start();
    await settled();
    expect(deliverDue).toHaveBeenCalledTimes(3);
    courier.wake();
    await settled();
    expect(deliverDue).toHaveBeenCalledTimes(4);
    await courier.stop();
  });

  it('lets a slow channel hold up nobody else', async () => {
    let release: () => void;
    const stuck = new Promise<void>((resolve) => {
      release = resolve;
    });
    const served: string[] = [];
    const deliverDue = async ({ name }: AlertChannel) => {
      if (name === 'slow') await stuck;
      served.push(name);
      return 0;
    };
    const courier = new AlertCourier(new Channels('slow', 'quick'), { deliverDue }, new LogRecorder(), 60_000);
    courier.start();
    await settled();
    courier.wake();
    await settled();
    expect(served).toEqual(['quick', 'quick']);
    release!();
    await courier.stop();
  });

  it('looks again when it is woken during a round: the alert may have come after its query', async () => {
    const deliverDue = jest.fn(async () => {
      if (deliverDue.mock.calls.length === 1) courier.wake();
      return 0;
    });
    const courier: AlertCourier = new AlertCourier(new Channels('ops'), { deliverDue }, new LogRecorder(), 60_000);
    courier.start();
    await settled();
    expect(deliverDue).toHaveBeenCalledTimes(2);
    await courier.stop();
  });

  it('drains: waits for what is under way and starts nothing more', async () => {
    let sent = false;
    const deliverDue = jest.fn(async () => {
      await settled();
      sent = true;
      return 1;
    });
    const courier = new AlertCourier(new Channels('ops'), { deliverDue }, new LogRecorder(), 60_000);
    courier.start();
    await courier.stop();
    expect(sent).toBe(true);
    courier.wake();
    expect(deliverDue).toHaveBeenCalledTimes(1);
  });

  it('survives an outage of the database and reports it once', async () => {
    const log = new LogRecorder();
    let away = true;
    const deliverDue = jest.fn(async () => {
      if (away) throw new Error('connection refused');
      return 0;
    });
    const courier = new AlertCourier(new Channels('ops'), { deliverDue }, log, 5);
    courier.start();
    await settled();
    away = false;
    const calls = deliverDue.mock.calls.length;
    await settled();
    expect(log.error).toHaveBeenCalledTimes(1);
    expect(deliverDue.mock.calls.length).toBeGreaterThan(calls);
    await courier.stop();
  });
});
