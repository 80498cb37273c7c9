import { type Alert, isServiceAlert, type ServiceAlert, type ViolationAlert } from '#application';
import { formatTagRef } from '#domain';
import { incidentStory } from '../incident-story.js';
import { violationLink } from '../violation-link.js';
import { escapeMrkdwn, inlineCode, plainText } from './mrkdwn.js';
import { SERVICE_HEADLINES, wordingOf } from './wording.js';

/** https://docs.slack.dev/reference/block-kit/blocks: what Slack takes at most. */
const HEADER_LIMIT = 150;
const FIELD_LIMIT = 2_000;
const TEXT_LIMIT = 3_000;
/** Of one piece of text from outside, so that several fit into one text object. */
const PIECE_LIMIT = 500;

/** `verbatim`: Slack makes no links or mentions of its own from what it finds in the text. */
type Mrkdwn = { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true };
type Block =
  | {
      readonly type: 'header';
      readonly text: { readonly type: 'plain_text'; readonly text: string; readonly emoji: false };
    }
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'section'; readonly fields: readonly Mrkdwn[] }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] };
/** `text` is what notifications and screen readers get. */
export type SlackMessage = { readonly text: string; readonly blocks: readonly Block[] };

export const slackMessage = (alert: Alert, publicUrl: string | null): SlackMessage =>
  isServiceAlert(alert) ? aboutRegistry(alert) : aboutViolation(alert, publicUrl);

function aboutRegistry({ change, registry, sentence, at }: ServiceAlert): SlackMessage {
  const title = `${SERVICE_HEADLINES[change]}: ${registry}`;
  return {
    text: escapeMrkdwn(`${title}. ${sentence}`, TEXT_LIMIT),
    blocks: [
      headerOf(title),
      { type: 'section', text: mrkdwn(escapeMrkdwn(sentence, TEXT_LIMIT)) },
      { type: 'context', elements: [mrkdwn(`Registry ${inlineCode(registry, PIECE_LIMIT)}, ${at}`)] },
    ],
  };
}

function aboutViolation(alert: ViolationAlert, publicUrl: string | null): SlackMessage {
  const { violation } = alert;
  const { headline, advice } = wordingOf(alert);
  const title = `${headline}: ${formatTagRef(violation)}`;
  return {
    text: escapeMrkdwn(`${title}. ${advice}`, TEXT_LIMIT),
    blocks: [
      headerOf(title),
      { type: 'section', fields: fieldsOf(alert) },
      ...failureOf(alert),
      ...incidentOf(alert),
      { type: 'section', text: mrkdwn(`*What to do:* ${advice}`) },
      { type: 'context', elements: contextOf(alert, publicUrl) },
    ],
  };
}

const headerOf = (title: string): Block => ({
  type: 'header',
  text: { type: 'plain_text', text: plainText(title, HEADER_LIMIT), emoji: false },
});

function fieldsOf({ violation }: ViolationAlert): Mrkdwn[] {
  const digests = `${inlineCode(shortened(violation.sealedDigest), PIECE_LIMIT)} → ${
    violation.foundDigest === null ? 'nothing' : inlineCode(shortened(violation.foundDigest), PIECE_LIMIT)
  }`;
  return [
    field('Tag', inlineCode(formatTagRef(violation), FIELD_LIMIT / 2)),
    field('Rule', escapeMrkdwn(violation.rule.name, PIECE_LIMIT)),
    field('Who', violation.actor === null ? 'unknown' : inlineCode(violation.actor, PIECE_LIMIT)),
    field('Digest', digests),
    field('State', violation.state),
    field('When', violation.detectedAt),
  ];
}

function failureOf({ violation }: ViolationAlert): Block[] {
  if (violation.failure === null) return [];
  return [{ type: 'section', text: mrkdwn(`*Why:* ${escapeMrkdwn(violation.failure, TEXT_LIMIT / 2)}`) }];
}

function incidentOf(alert: ViolationAlert): Block[] {
  const story = incidentStory(alert);
  if (story === null || alert.incident === null) return [];
  const id = inlineCode(alert.incident.id, PIECE_LIMIT);
  return [{ type: 'section', text: mrkdwn(`*Incident* ${id}: ${escapeMrkdwn(story, TEXT_LIMIT / 2)}`) }];
}

function contextOf({ violation }: ViolationAlert, publicUrl: string | null): Mrkdwn[] {
  const link = violationLink(publicUrl, violation.id);
  const id = inlineCode(violation.id, PIECE_LIMIT);
  return [
    mrkdwn(link === null ? `Violation ${id}` : `Violation ${id}, <${escapeMrkdwn(link, TEXT_LIMIT / 2)}|open>`),
    mrkdwn(`sealed ${inlineCode(violation.sealedDigest, PIECE_LIMIT)}`),
    ...(violation.foundDigest === null ? [] : [mrkdwn(`found ${inlineCode(violation.foundDigest, PIECE_LIMIT)}`)]),
  ];
}

const mrkdwn = (text: string): Mrkdwn => ({ type: 'mrkdwn', text, verbatim: true });
const field = (label: string, value: string): Mrkdwn => mrkdwn(`*${label}*\n${value}`);
/** As people compare them: the algorithm and 12 digits. */
const shortened = (digest: string): string => digest.replace(/^(\w+:\w{12})\w+$/, '$1…');
