import { execFileSync } from 'node:child_process';
import { createSign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A key with its certificate, for a test: only openssl makes certificates. */
export function createCertificate(algorithm: string[] = ['rsa:2048'], days = '30'): { key: string; pem: string } {
  const dir = mkdtempSync(join(tmpdir(), 'sns-'));
  try {
    const [keyFile, pemFile] = [join(dir, 'key'), join(dir, 'pem')];
    const subject = ['-subj', '/CN=sns.amazonaws.com', '-days', days, '-keyout', keyFile, '-out', pemFile];
    execFileSync('openssl', ['req', '-x509', '-nodes', '-newkey', ...algorithm, ...subject], { stdio: 'ignore' });
    return { key: readFileSync(keyFile, 'utf8'), pem: readFileSync(pemFile, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const SIGNED: Record<string, readonly string[]> = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  SubscriptionConfirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
};

/** As SNS signs: each signed field's name and value on lines of their own. */
export function sign(message: Record<string, string>, key: string, version: '1' | '2'): Record<string, string> {
  const names = SIGNED[message.Type ?? ''] ?? [];
  const text = names.filter((name) => name in message).map((name) => `${name}\n${message[name]}\n`);
  const signer = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(text.join(''));
  return { ...message, SignatureVersion: version, Signature: signer.sign(key, 'base64') };
}
