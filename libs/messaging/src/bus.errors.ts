import { DomainError } from '#domain';

/** `busUnavailable`: the broker or the database behind the bus does not take messages now. */
export class BusUnavailableError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('BUS_UNAVAILABLE', message, { cause, retriable: true });
  }
}

/** `messageRejected`: the bus will never take this message, e.g. because it is too large. */
export class MessageRejectedError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('MESSAGE_REJECTED', message, { cause });
  }
}

/** `topicUnknown`: the topic has not been created yet; retriable, since another app may be about to do so. */
export class TopicUnknownError extends DomainError {
  constructor(topic: string, cause?: unknown) {
    super('TOPIC_UNKNOWN', `The topic "${topic}" does not exist yet: create it with ensureTopics.`, {
      cause,
      retriable: true,
    });
  }
}

/** `positionNotKept`: a group's position could not be moved, so the records since will be delivered again. */
export class PositionNotKeptError extends DomainError {
  constructor(message: string, cause?: unknown) {
    super('POSITION_NOT_KEPT', message, { cause, retriable: true });
  }
}
