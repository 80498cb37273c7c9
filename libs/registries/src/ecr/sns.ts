import { createVerify, X509Certificate } from 'node:crypto';
import { epochMsOf, type Instant } from '#domain';
import type { PublicDocuments, SenderVerdict } from '../adapter.js';
import { SnsMessage } from './schema.js';

/** The message where a body is one of SNS's. Whatever has this shape is judged as one, by sender and by parser alike. */
export function findSnsMessage(value: unknown): SnsMessage | null {
  const parsed = SnsMessage.safeParse(value);
  return parsed.success ? parsed.data : null;
}

const TOPIC = /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z0-9-]{1,32}):\d{12}:[\w-]{1,256}(?:\.fifo)?$/;

/** The one host that a topic's certificates and confirmations are on; null where it is no topic. */
export function hostOfTopic(topicArn: string): string | null {
  const [, partition, region] = TOPIC.exec(topicArn) ?? [];
  return region === undefined ? null : `sns.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;
}

/** The address where it is https on the topic's own host: what a message names is otherwise anybody's to choose. */
export function findPinnedUrl(text: string, topicArn: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const host = hostOfTopic(topicArn);
  const isPinned = url !== null && host !== null && url.protocol === 'https:' && url.host === host;
  return isPinned && url.username === '' && url.password === '' ? url : null;
}

/** Rejects where the certificate cannot be had. */
export async function verifySnsMessage(
  message: SnsMessage,
  documents: PublicDocuments,
  receivedAt: Instant,
): Promise<SenderVerdict> {
  const algorithm = ALGORITHMS.get(message.SignatureVersion);
  const url = findPinnedUrl(message.SigningCertURL, message.TopicArn);
  if (algorithm === undefined || url === null || !CERTIFICATE.test(url.pathname) || url.search !== '') return 'refused';
  const certificate = findCertificate(await documents.fetchText(url));
  if (certificate === null || !isValidAt(certificate, epochMsOf(receivedAt))) return 'refused';
  const signature = Buffer.from(message.Signature, 'base64');
  const verify = createVerify(algorithm).update(signedText(message));
  return verify.verify(certificate.publicKey, signature) ? 'ok' : 'refused';
}

// Whoever knows the topic can name addresses on this host: only what can be a certificate is asked for.
const CERTIFICATE = /^\/SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem$/;

const ALGORITHMS: ReadonlyMap<string, string> = new Map([
  ['1', 'RSA-SHA1'],
  ['2', 'RSA-SHA256'],
]);

/** Name and value of each signed field on lines of their own, by the order of names. */
function signedText(message: SnsMessage): string {
  const isNotification = message.Type === 'Notification';
  const names = isNotification
    ? (['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'] as const)
    : (['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'] as const);
  return names
    .flatMap((name) => {
      const value = message[name];
      return value === undefined || value === null ? [] : [`${name}\n${value}\n`];
    })
    .join('');
}

function findCertificate(pem: string): X509Certificate | null {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.publicKey.asymmetricKeyType === 'rsa' ? certificate : null;
  } catch {
    return null;
  }
}

const isValidAt = ({ validFrom, validTo }: X509Certificate, nowMs: number): boolean =>
  Date.parse(validFrom) <= nowMs && nowMs <= Date.parse(validTo);
