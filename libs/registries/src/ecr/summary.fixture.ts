import { instantOf } from '#domain';
import { byBearer, EXPECTED, type Proof } from '../sender-proofs.fixture.js';
import type { Row } from '../summary-table.fixture.js';
import { ecr } from './adapter.js';
import { createCertificate, sign } from './fake-sns.js';

const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:tagwarden';

/** A message signed by the key of the certificate that it names. */
const byCertificate = (topicArn: string): Proof => {
  const keys = new Map<string, { key: string; pem: string }>();
  const keyOf = (name: string) => keys.get(name) ?? keys.set(name, createCertificate()).get(name);
  return {
    by: 'a signature whose certificate is on the topic’s own host',
    show: async (delivery, known) => {
      const body = sign(delivery.body as Record<string, string>, keyOf(known)?.key ?? '', '2');
      // The certificate is made just now, and counts from this second on.
      const receivedAt = instantOf(Date.now() + 60_000);
      const documents = { fetchText: async () => keyOf(EXPECTED)?.pem ?? '' };
      return { sender: { body: Buffer.from(JSON.stringify(body)), options: { topicArn }, receivedAt }, documents };
    },
    strip: (sender) => {
      const message = JSON.parse(String(sender.body));
      return { ...sender, body: Buffer.from(JSON.stringify({ ...message, Signature: '' })) };
    },
  };
};

export const ROWS: readonly Row[] = [
  {
    source: 'ECR, through an API destination',
    adapter: ecr,
    push: ['push', 'pushed team/app:v1@f20c4316'],
    deletions: [
      ['delete-tag', 'tagDeleted team/app:v1', 'tagDeleted team/app:v1'],
      ['delete-untagged', 'manifestDeleted team/app@f20c4316', 'manifestDeleted team/app@f20c4316'],
    ],
    actor: ['push', null],
    proof: byBearer,
    id: '13cde686-328b-6117-af20-0e5566167482',
  },
  {
    source: 'ECR, through SNS',
    adapter: ecr,
    push: ['sns-notification', 'pushed team/app:v1@f20c4316'],
    deletions: [['delete-tag', 'tagDeleted team/app:v1', 'tagDeleted team/app:v1']],
    actor: ['sns-notification', null],
    proof: byCertificate(TOPIC),
    id: '13cde686-328b-6117-af20-0e5566167482',
  },
];
