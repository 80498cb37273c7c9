import { test, expect, jest } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync, mkdtempSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedKafka, stopSharedKafka, freePort } from '#testing';
import { KafkaMessageBus } from '../src/index.js';
import { until, text, asText } from '../src/bus-contract.js';
jest.setTimeout(200000);
const silent: any = { debug() {}, info() {}, warn: console.log, error: console.log };
test('shared', async () => {
  const [a, b] = await Promise.all([sharedKafka(), sharedKafka()]);
  expect(a.brokers).toEqual(b.brokers);
  const bus = new KafkaMessageBus({ brokers: a.brokers, clientId: 'x', deadLetterTopic: 'd' }, silent);
  await bus.check(); await bus.close();
  await stopSharedKafka();
  const bus2 = new KafkaMessageBus({ brokers: a.brokers, clientId: 'x', deadLetterTopic: 'd' }, silent);
  await expect(bus2.check()).rejects.toThrow(); await bus2.close();
});
test('sasl ssl', async () => {
  const dir = mkdtempSync('/tmp/sasl-');
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`, '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']);
  const oneLine = (f: string) => readFileSync(f, 'utf8').trim().split('\n').join(' \\\n ');
  writeFileSync(`${dir}/server.properties`, `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:19193
listeners=PLAINTEXT://127.0.0.1:19192,CLIENT://127.0.0.1:19194,CONTROLLER://127.0.0.1:19193
advertised.listeners=PLAINTEXT://127.0.0.1:19192,CLIENT://localhost:19194
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENT:SASL_SSL
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
log.dirs=${dir}/data
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.client.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";
listener.name.client.scram-sha-256.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.key=${oneLine(dir + '/key.pem')}
ssl.keystore.certificate.chain=${oneLine(dir + '/cert.pem')}
`);
  const cp = ['-cp', `${process.cwd()}/.cache/kafka-4.1.1/*`];
  execFileSync('java', [...cp, 'kafka.tools.StorageTool', 'format', '-t', 'abcdefghijklmnopqrstuv', '-c', `${dir}/server.properties`, '--add-scram', 'SCRAM-SHA-256=[name=alice,password=secret]', '--add-scram', 'SCRAM-SHA-512=[name=alice,password=secret]']);
  const child = spawn('java', ['-Xmx512m', ...cp, 'kafka.Kafka', `${dir}/server.properties`], { stdio: 'inherit' });
  try {
    await sleep(6000);
    const ca = readFileSync(`${dir}/cert.pem`, 'utf8');
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      const bus = new KafkaMessageBus({ brokers: ['localhost:19194'], clientId: 'x', deadLetterTopic: 'd', ssl: { ca }, sasl: { mechanism, username: 'alice', password: 'secret' } }, silent);
      await bus.ensureTopics([{ name: 't', partitions: 1, retentionMs: 1000000 }]);
      await bus.publish('t', [text('k', mechanism)]);
      const seen: string[] = [];
      await bus.subscribe({ topic: 't', group: mechanism, batchSize: 10, from: 'earliest' }, async (b) => { seen.push(...b.records.map(asText)); });
      await until(() => seen.includes(mechanism));
      await bus.close();
      const bad = new KafkaMessageBus({ brokers: ['localhost:19194'], clientId: 'x', deadLetterTopic: 'd', ssl: { ca }, sasl: { mechanism, username: 'alice', password: 'wrong-pw' } }, silent);
      const t = Date.now();
      const e: any = await bad.publish('t', [text('k', 'x')]).catch((e) => e);
      console.log(mechanism, 'ok; wrong password:', e.message, Date.now() - t);
      await bad.close();
    }
    const noCa = new KafkaMessageBus({ brokers: ['localhost:19194'], clientId: 'x', deadLetterTopic: 'd', ssl: {}, sasl: { mechanism: 'plain', username: 'alice', password: 'secret' } }, silent);
    console.log('no ca:', await noCa.check().catch((e) => e.message));
    await noCa.close();
  } finally { child.kill('SIGKILL'); }
});
