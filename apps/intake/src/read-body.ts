import type { IncomingMessage } from 'node:http';
import { DomainError } from '#domain';

/** The body is larger than may be taken. */
export class BodyTooLargeError extends DomainError {
  constructor(limit: number) {
    super('BODY_TOO_LARGE', `The body is larger than ${limit} bytes, the most that is taken of a notification.`);
  }
}

/** Reads a request's body, and stops reading as soon as it exceeds `limit` bytes. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const refuse = () => {
      request.pause();
      reject(new BodyTooLargeError(limit));
    };
    if (Number(request.headers['content-length'] ?? 0) > limit) return refuse();
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) refuse();
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    // A sender that hangs up in the middle sends it again.
    request.once('aborted', () =>
      reject(new DomainError('BODY_ABORTED', 'The sender hung up before the body was complete.')),
    );
  });
}
