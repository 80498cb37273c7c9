import { test, jest } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startKafka, createTestDatabase } from '#testing';
import { KafkaMessageBus, EmbeddedMessageBus, EMBEDDED_BUS_SCHEMA } from '../src/index.js';
import { until } from '../src/bus-contract.js';
jest.setTimeout(300000);
const out: string[] = [];
const say = (...a: unknown[]) => out.push(a.join(' '));
const q = (xs: number[]) => { const s = [...xs].sort((a, b) => a - b); const p = (f: number) => s[Math.min(s.length - 1, Math.floor(f * s.length))]!.toFixed(2); return `p50 ${p(.5)} p95 ${p(.95)} p99 ${p(.99)}`; };
const t0 = Date.now();
const log = { debug() {}, info: (m: string) => say(Date.now() - t0, 'INFO', m), warn: (m: string, f: any) => say(Date.now() - t0, 'WARN', m, JSON.stringify(f)), error: (m: string) => say('ERROR', m) } as any;
async function bench(name: string, bus: any, extraIdle?: () => Promise<void>) {
  await bus.ensureTopics([{ name: 'lat', partitions: 8, retentionMs: 3600000 }, { name: 'thr', partitions: 8, retentionMs: 3600000 }, { name: 'dead', partitions: 1, retentionMs: 3600000 }]);
  const arrived = new Map<string, number>();
  await bus.subscribe({ topic: 'lat', group: 'g', batchSize: 500, from: 'earliest' }, async (b: any) => { const n = performance.now(); for (const r of b.records) arrived.set(r.value.toString(), n); });
  await bus.publish('lat', [{ key: 'w', value: Buffer.from('warm') }]);
  await until(() => arrived.has('warm'));
  await sleep(1500);
  const pub: number[] = [], del: number[] = [];
  for (let i = 0; i < 300; i++) {
    const a = performance.now();
    await bus.publish('lat', [{ key: 'k' + i, value: Buffer.from('m' + i) }]);
    pub.push(performance.now() - a);
    while (!arrived.has('m' + i)) await new Promise((r) => setImmediate(r));
    del.push(arrived.get('m' + i)! - a);
    await sleep(5);
  }
  say(name, 'publish ms', q(pub), '| publish call -> handler ms', q(del));
  const value = Buffer.alloc(600, 'x');
  // 64 concurrent single publishers
  { const N = 10000; let i = 0; const a = performance.now(); const lats: number[] = [];
    await Promise.all(Array.from({ length: 64 }, async () => { while (i < N) { const n = i++; const s = performance.now(); await bus.publish('thr', [{ key: 'k' + (n % 500), value, headers: { type: 'x' } }]); lats.push(performance.now() - s); } }));
    const s = (performance.now() - a) / 1000; say(name, '64 concurrent single publishes/s', Math.round(N / s), q(lats)); }
  { const N = 50000; const a = performance.now(); const all: Promise<void>[] = [];
    for (let n = 0; n < N; n += 500) all.push(bus.publish('thr', Array.from({ length: 500 }, (_, j) => ({ key: 'k' + ((n + j) % 500), value, headers: { type: 'x' } }))));
    await Promise.all(all); const s = (performance.now() - a) / 1000; say(name, 'publish by 500 msgs/s', Math.round(N / s)); }
  { let got = 0; const a = performance.now(); let first = 0;
    const sub = await bus.subscribe({ topic: 'thr', group: 'c', batchSize: 500, from: 'earliest' }, async (b: any) => { first ||= performance.now(); got += b.records.length; });
    await until(() => got >= 60000); const s = (performance.now() - first) / 1000; say(name, 'consume msgs/s', Math.round(60000 / s), 'first after ms', Math.round(first - a)); await sub.stop(); }
  await bus.subscribe({ topic: 'thr', group: 'idle2', batchSize: 500, from: 'latest' }, async () => {});
  await bus.subscribe({ topic: 'dead', group: 'idle3', batchSize: 500, from: 'latest' }, async () => {});
  await sleep(5000);
  await extraIdle?.();
  const c = process.cpuUsage(); await sleep(20000); const d = process.cpuUsage(c);
  say(name, 'idle CPU % of a core, 3 subscriptions:', ((d.user + d.system) / 1000 / 20000 * 100).toFixed(2));
  await extraIdle?.();
}
const which = process.env.BENCH ?? 'kafka,embedded,outage';
if (which.includes('kafka')) test('kafka', async () => {
  const k = await startKafka({ own: true });
  const bus = new KafkaMessageBus({ brokers: k.brokers, clientId: 'b', deadLetterTopic: 'dead' }, log);
  await bench('kafka', bus);
  { const a = Date.now(); await bus.close(); say('kafka close ms', Date.now() - a); } await k.stop();
});
if (which.includes('embedded')) test('embedded', async () => {
  const db = await createTestDatabase({ template: 'bench', prepare: async (url) => { const c = new pg.Client({ connectionString: url }); await c.connect(); for (const s of EMBEDDED_BUS_SCHEMA) await c.query(s); await c.end(); } });
  const bus = new EmbeddedMessageBus({ connectionString: db.url, deadLetterTopic: 'dead' }, log);
  const pgCpu = async () => { const { execSync } = await import('node:child_process'); say('pg cpu s', execSync("cat /proc/[0-9]*/stat | awk '$2==\"(postgres)\"{s+=$14+$15} END{print s/100}'").toString().trim()); };
  await bench('embedded', bus, pgCpu);
  { const a = Date.now(); await bus.close(); say('embedded close ms', Date.now() - a); } await db.drop();
});
if (which.includes('outage')) test('outage', async () => {
  const k = await startKafka({ own: true });
  const bus = new KafkaMessageBus({ brokers: k.brokers, clientId: 'b', deadLetterTopic: 'dead' }, log);
  await bus.ensureTopics([{ name: 't', partitions: 4, retentionMs: 3600000 }]);
  const seen = new Set<string>();
  await bus.subscribe({ topic: 't', group: 'g', batchSize: 10, from: 'earliest' }, async (b) => { for (const r of b.records) seen.add(r.value.toString()); });
  await bus.publish('t', [{ key: 'a', value: Buffer.from('1') }]);
  await until(() => seen.has('1')); say(Date.now() - t0, 'seen 1');
  await k.kill(); say(Date.now() - t0, 'killed');
  for (let i = 0; i < 5; i++) { const a = Date.now(); await bus.publish('t', [{ key: 'a', value: Buffer.from('x') }]).catch((e) => say('rejected in', Date.now() - a, e.message)); }
  await sleep(15000);
  const a = Date.now(); await k.restart(); say(Date.now() - t0, 'restarted in', Date.now() - a);
  const b = Date.now(); await until(() => bus.publish('t', [{ key: 'a', value: Buffer.from('2') }]).then(() => true, (e) => (say('still', e.message), false)));
  say(Date.now() - t0, 'published after', Date.now() - b); await until(() => seen.has('2')); say(Date.now() - t0, 'seen 2 after', Date.now() - b);
  await bus.close(); await k.stop();
});
test('print', () => { console.log(out.join('\n')); });
