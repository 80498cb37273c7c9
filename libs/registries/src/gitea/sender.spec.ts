import { createHmac } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { authenticateSender } from './sender.js';

const secret = 'signing-4711';
const body = Buffer.from('{"action":"created"}');
const right = createHmac('sha256', secret).update(body).digest('hex');
const judge = (headers: Record<string, string | string[]>, configured: string | null = secret) =>
  authenticateSender({ headers, query: {}, body, secrets: { secret: configured } });

it.each<[string, Record<string, string>]>([
  ["Gitea's", { 'x-gitea-signature': right }],
  ["Forgejo's", { 'x-forgejo-signature': right }],
  ['both', { 'x-gitea-signature': right, 'x-forgejo-signature': right }],
])('lets in %s signature', (_, headers) => expect(judge(headers)).toBe('ok'));

it.each<[string, Record<string, string | string[]>]>([
  ['an empty signature, as of a webhook without a secret', { 'x-gitea-signature': '' }],
  ['one empty of two', { 'x-gitea-signature': right, 'x-forgejo-signature': '' }],
  ['one wrong of two', { 'x-gitea-signature': right, 'x-forgejo-signature': right.replace(/^./, 'g') }],
  ['a prefix, which is GitHub’s', { 'x-gitea-signature': `sha256=${right}` }],
  ['only the header of GitHub', { 'x-hub-signature-256': `sha256=${right}` }],
  ['the same twice', { 'x-gitea-signature': [right, right] }],
])('refuses %s', (_, headers) => expect(judge(headers)).toBe('refused'));

it('refuses the signature with an empty secret where none is configured', () => {
  const empty = createHmac('sha256', '').update(body).digest('hex');
  for (const configured of ['', null]) expect(judge({ 'x-gitea-signature': empty }, configured)).toBe('refused');
});
