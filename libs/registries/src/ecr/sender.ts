import type { PublicDocuments, Sender, SenderProof, SenderVerdict } from '../adapter.js';
import { readBody } from '../notification/notification.js';
import { authenticateByToken, isEqual } from '../sender/sender-token.js';
import { findSnsMessage, hostOfTopic, verifySnsMessage } from './sns.js';

/** Which of the two ways a sender takes shows in the body alone. */
export const sender: SenderProof = { secrets: [], needsBody: true };

/** SNS proves itself by its signature and by the one topic that is configured; EventBridge's API destinations by the token. */
export function authenticateSender(given: Sender, documents: PublicDocuments): SenderVerdict | Promise<SenderVerdict> {
  const body = readBody(given.body);
  const message = 'value' in body ? findSnsMessage(body.value) : null;
  if (message === null) return authenticateByToken(given);
  const { topicArn = '' } = given.options ?? {};
  // Anybody may have a topic, and whatever is published there is signed as well.
  const isOurTopic = hostOfTopic(topicArn) !== null && isEqual(message.TopicArn, topicArn);
  if (!isOurTopic || given.receivedAt === undefined) return 'refused';
  return verifySnsMessage(message, documents, given.receivedAt);
}
