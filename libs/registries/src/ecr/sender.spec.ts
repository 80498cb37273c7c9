import { beforeAll, describe, expect, it } from '@jest/globals';
import { instantOf } from '#domain';
import { NO_DOCUMENTS, readRecorded } from '../adapter-contract.js';
import { ecr } from './adapter.js';
import { createCertificate, sign } from './fake-sns.js';

type Message = Record<string, string>;
const read = (name: string) => readRecorded(import.meta.url, name)[0]?.body as Message;
const notification = read('sns-notification');
const confirmation = read('sns-subscription-confirmation');
const topicArn = notification.TopicArn ?? '';
// The certificate is made after this is read, and counts from that second on.
const now = instantOf(Date.now() + 60_000);

describe('senders through SNS', () => {
  let key = '';
  let pem = '';
  const asked: string[] = [];
  const documents = {
    fetchText: async (url: URL) => {
      asked.push(url.href);
      return pem;
    },
  };
  beforeAll(() => {
    ({ key, pem } = createCertificate());
  });

  const judge = (message: unknown, options: Record<string, string> = { topicArn }, token?: string) => {
    asked.length = 0;
    const sender = { headers: {}, query: {}, body: Buffer.from(JSON.stringify(message)), options, receivedAt: now };
    return Promise.resolve(ecr.authenticateSender({ ...sender, secrets: { token: token ?? null } }, documents));
  };

  it.each(['1', '2'] as const)('lets in what is signed by version %s, again too', async (version) => {
    for (const message of [notification, confirmation, { ...notification, Subject: 'A push' }]) {
      const signed = sign(message, key, version);
      expect(await judge(signed)).toBe('ok');
      expect(await judge(signed)).toBe('ok');
    }
    expect(asked).toEqual([notification.SigningCertURL]);
  });

  it.each(['Message', 'MessageId', 'Timestamp', 'Type', 'TopicArn', 'Subject'])('refuses another %s', async (name) => {
    const signed = { ...sign({ ...notification, Subject: 's' }, key, '2'), [name]: `${confirmation[name] ?? ''} ` };
    expect(await judge(signed)).toBe('refused');
    expect(await judge(signed, { topicArn: `${topicArn} ` })).toBe('refused');
  });

  it('refuses a confirmation with another address to visit', async () => {
    const signed = { ...sign(confirmation, key, '2'), SubscribeURL: 'https://sns.eu-west-1.amazonaws.com/?Action=x' };
    expect(await judge(signed)).toBe('refused');
  });

  it('refuses a signature that is empty, cut, of another key, or of another version', async () => {
    const signed = sign(notification, key, '2');
    const other = sign(notification, createCertificate().key, '2');
    const hostile = ['', String(signed.Signature).slice(0, -8), '%%%', other.Signature];
    for (const Signature of hostile) expect(await judge({ ...signed, Signature })).toBe('refused');
    for (const SignatureVersion of ['', '1', '3']) expect(await judge({ ...signed, SignatureVersion })).toBe('refused');
  });

  it.each([
    'http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0f.pem',
    'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0f.pem',
    'https://sns.eu-west-1.amazonaws.com.example.org/SimpleNotificationService-0f.pem',
    'https://s3.eu-west-1.amazonaws.com/SimpleNotificationService-0f.pem',
    'https://sns.eu-west-1.amazonaws.com@example.org/SimpleNotificationService-0f.pem',
    'https://sns.eu-west-1.amazonaws.com:444/SimpleNotificationService-0f.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0f.txt',
    'https://sns.eu-west-1.amazonaws.com/a.pem',
    'https://sns.eu-west-1.amazonaws.com/x/SimpleNotificationService-0f.pem',
    'https://sns.eu-west-1.amazonaws.com/?Action=ListTopics&x=.pem',
    'https://127.0.0.1/SimpleNotificationService-0f.pem',
    'file:///a.pem',
    '',
  ])('asks nobody for a certificate at %p', async (SigningCertURL) => {
    expect(await judge({ ...sign(notification, key, '2'), SigningCertURL })).toBe('refused');
    expect(asked).toEqual([]);
  });

  it('refuses another topic, properly signed, without asking for its certificate', async () => {
    const TopicArn = 'arn:aws:sns:eu-west-1:210987654321:tagwarden';
    expect(await judge(sign({ ...notification, TopicArn }, key, '2'))).toBe('refused');
    expect(asked).toEqual([]);
  });

  it.each([[{}], [{ topicArn: '' }], [{ topicArn: 'tagwarden' }], [{ topicArn: 'arn:aws:sns:x.example:1:t' }]])(
    'refuses everybody where the configured topic is %p',
    async (options) => {
      for (const TopicArn of [topicArn, (options as Message).topicArn ?? '']) {
        expect(await judge(sign({ ...notification, TopicArn }, key, '2'), options as Message)).toBe('refused');
      }
      expect(asked).toEqual([]);
    },
  );

  it.each(['', 'rubbish'])('refuses when what should be the certificate is %p', async (text) => {
    const real = pem;
    pem = text;
    expect(await judge(sign(notification, key, '2'))).toBe('refused');
    pem = real;
  });

  it('refuses a certificate whose time is over', async () => {
    const sender = { headers: {}, query: {}, secrets: {}, options: { topicArn } };
    const body = Buffer.from(JSON.stringify(sign(notification, key, '2')));
    const judged = ecr.authenticateSender({ ...sender, body, receivedAt: instantOf(Date.now() + 1e11) }, documents);
    expect(await judged).toBe('refused');
  });

  it('does not take a token for a signature', async () => {
    const unsigned = { ...notification, Signature: '' };
    const sender = { query: { token: 'hook-4711' }, secrets: { token: 'hook-4711' }, receivedAt: now };
    const headers = { authorization: 'Bearer hook-4711' };
    const body = Buffer.from(JSON.stringify(unsigned));
    expect(await ecr.authenticateSender({ ...sender, headers, body, options: { topicArn } }, documents)).toBe(
      'refused',
    );
    expect(await ecr.authenticateSender({ ...sender, headers, body }, NO_DOCUMENTS)).toBe('refused');
  });

  it('does not take a topic for a token: the same event without an envelope', async () => {
    const bare = JSON.parse(notification.Message ?? '');
    expect(await judge(bare)).toBe('refused');
    expect(await judge({ ...bare, TopicArn: topicArn, Signature: 'x' })).toBe('refused');
  });

  it('passes on that the certificate cannot be had just now', async () => {
    const body = Buffer.from(JSON.stringify(sign(notification, key, '2')));
    const sender = { headers: {}, query: {}, secrets: {}, body, options: { topicArn }, receivedAt: now };
    const fails = { fetchText: () => Promise.reject(new Error('down')) };
    await expect(ecr.authenticateSender(sender, fails)).rejects.toThrow('down');
  });
});
