import { describe, expect, it } from '@jest/globals';
import { SERVICE_CHANGES, VIOLATION_CHANGES } from '#contracts';
import { sampleAlert, sampleServiceAlert } from '../sample-alert.fixture.js';
import { slackMessage } from './message.js';
import { escapeMrkdwn, inlineCode, plainText } from './mrkdwn.js';

/** Every text of a message with its block's type. */
function textsOf(message: ReturnType<typeof slackMessage>) {
  return message.blocks.flatMap((block) => {
    if (block.type === 'context') return block.elements.map(({ text }) => ({ limit: 3_000, text }));
    if ('fields' in block) return block.fields.map(({ text }) => ({ limit: 2_000, text }));
    return [{ limit: block.type === 'header' ? 150 : 3_000, text: block.text.text }];
  });
}

describe('slackMessage', () => {
  it('tells tag, rule, who, digests, state and what to do', () => {
    const message = slackMessage(sampleAlert('detected'), null);
    const all = textsOf(message)
      .map(({ text }) => text)
      .join('\n');
    expect(message.text).toMatch(/^Immutable tag overwritten: local\/acme\/app:v1\.0\. Tagwarden is going to put/);
    expect(all).toContain('*Tag*\n`local/acme/app:v1.0`');
    expect(all).toContain('*Rule*\nreleases');
    expect(all).toContain('*Who*\n`ci-bot`');
    expect(all).toContain('*Digest*\n`sha256:aaaaaaaaaaaa…` → `sha256:bbbbbbbbbbbb…`');
    expect(all).toContain(`sealed \`sha256:${'a'.repeat(64)}\``);
    expect(all).toContain('*State*\ndetected');
    expect(all).toContain('*What to do:* ');
  });

  it('says that a deleted tag points at nothing', () => {
    const texts = textsOf(
      slackMessage(sampleAlert('detected', { kind: 'deletion', foundDigest: null, actor: null }), null),
    );
    expect(texts.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['Immutable tag deleted: local/acme/app:v1.0', expect.stringMatching(/→ nothing$/)]),
    );
  });

  it('says nothing of an incident of one', () => {
    expect(JSON.stringify(slackMessage(sampleAlert('detected'), null))).not.toContain('ncident');
  });

  it.each([
    ['detected', {}, {}, 'One of 12 changes of sealed tags by ci-bot since 2026-08-20 09:14 UTC; the others'],
    ['restored', {}, {}, 'The last of 12 changes of sealed tags by ci-bot since 2026-08-20 09:14 UTC; none of them'],
    ['failed', { actor: null }, {}, 'by somebody whom the registry does not name since'],
    ['failed', {}, { isMixed: true }, 'by several identities since'],
  ] as const)('tells on %s what it is one of', (change, violation, incident, sentence) => {
    const message = slackMessage(sampleAlert(change, violation, { members: 12, ...incident }), null);
    const told = textsOf(message).map(({ text }) => text);
    expect(told.filter((text) => text.startsWith('*Incident* `incident-1`: '))).toEqual([
      expect.stringContaining(sentence),
    ]);
  });

  it.each(['restored', 'selfHealed', 'accepted', 'waived', 'withdrawn'] as const)('says RESOLVED on %s', (change) => {
    const message = slackMessage(sampleAlert(change), 'https://tagwarden.example');
    expect(message.text).toMatch(/^RESOLVED/);
    expect(JSON.stringify(message.blocks.at(-1))).toContain(
      '`violation-1`, <https://tagwarden.example/violations/violation-1|open>',
    );
  });

  it.each([...VIOLATION_CHANGES])("keeps %s within Slack's limits, and escapes what people wrote", (change) => {
    const nasty = `<!channel> & <https://evil.example|click> \`${'<'.repeat(5_000)}`;
    const violation = { actor: nasty, failure: nasty, rule: { id: 'r', name: nasty } };
    const message = slackMessage(sampleAlert(change, violation, { members: 2 }), 'https://tagwarden.example');
    for (const { text, limit } of textsOf(message)) {
      expect(text.length).toBeLessThanOrEqual(limit);
      expect(text.length).toBeGreaterThan(0);
    }
    expect(JSON.stringify(message)).not.toMatch(/<!channel|<https:\/\/evil/);
  });
});

describe('slackMessage of a registry', () => {
  it('tells which, what was found, and since when', () => {
    const message = slackMessage(sampleServiceAlert('registryDeaf', 'Nothing was heard. Look at its webhooks.'), null);
    expect(message.text).toBe('Registry is not heard any more: local. Nothing was heard. Look at its webhooks.');
    const all = textsOf(message).map(({ text }) => text);
    expect(all).toEqual([
      'Registry is not heard any more: local',
      'Nothing was heard. Look at its webhooks.',
      'Registry `local`, 2026-08-20T09:14:03.000000Z',
    ]);
  });

  it.each([...SERVICE_CHANGES])("keeps %s within Slack's limits, and escapes what a registry said", (change) => {
    const message = slackMessage(sampleServiceAlert(change, `<!channel> ${'<'.repeat(5_000)}`), null);
    for (const { text, limit } of textsOf(message)) expect(text.length).toBeLessThanOrEqual(limit);
    expect(JSON.stringify(message)).not.toContain('<!channel');
    expect(message.text.startsWith('RESOLVED')).toBe(sampleServiceAlert(change, '').resolves);
  });
});

describe('mrkdwn', () => {
  it.each([
    ['a & b', 10, 'a &amp; b'],
    ['<@U1>', 20, '&lt;@U1&gt;'],
    ['<<<<', 9, '&lt;&lt;…'],
    ['two\n\r lines\u202E', 20, 'two lines'],
    ['😀😀😀', 5, '😀😀…'],
  ])('escapes %p to at most %d', (text, limit, expected) => expect(escapeMrkdwn(text, limit)).toBe(expected));

  it('lets no backtick end inline code', () => expect(inlineCode('a`b', 20)).toBe("`a'b`"));
  it('cuts plain text between characters', () => expect(plainText('a😀😀', 3)).toBe('a…'));
});
