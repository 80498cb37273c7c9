import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const ANSWER_LIMIT_MS = 10_000;
const END_OF_HEAD = '\r\n\r\n';

type Waiting = { resolve: () => void; reject: (error: Error) => void };

/**
 * Sends ready-made requests over one connection, one at a time, and reads answers just far enough to know that they are whole: a real HTTP
 * client would take as much of the second core as what is measured.
 */
export class HookConnection {
  private received = '';
  private waiting: Waiting | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('No answer within 10 s.')));
    socket.on('data', (chunk) => this.read(chunk));
    socket.on('error', (error) => this.waiting?.reject(error));
    socket.on('close', () => this.waiting?.reject(new Error('The server hung up before it had answered.')));
  }

  static async open(port: number): Promise<HookConnection> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new HookConnection(socket);
  }

  /** Resolves when the whole answer is there; rejects unless it is 202. */
  post(request: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request);
    });
  }

  close(): void {
    this.waiting = null;
    this.socket.destroy();
  }

  private read(chunk: Buffer): void {
    this.received += chunk.toString('latin1');
    const head = this.received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(this.received.slice(0, head))?.[1] ?? Number.NaN);
    if (this.received.length < head + END_OF_HEAD.length + length) return;
    const answer = this.received;
    const { waiting } = this;
    this.received = '';
    this.waiting = null;
    if (answer.startsWith('HTTP/1.1 202 ')) waiting?.resolve();
    else waiting?.reject(new Error(`Intake answered: ${answer.slice(0, 500)}`));
  }
}
