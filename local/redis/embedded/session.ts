import type { Socket } from 'node:net';
import { BLOCKED, type Client, type Outcome, REPLIED } from './command.ts';
import { type Bytes, encodeReply, type Reply } from './reply.ts';
import { ProtocolError, RespParser } from './resp-parser.ts';
import type { User } from './users.ts';

/** 1 MiB: above this, commands of a client that does not read its replies wait, unread, in its socket. */
const PAUSE_AT_BYTES = 1024 * 1024;
/** 32 MiB: what a subscriber may fall behind, as Redis's hard limit for them; then it is dropped. */
const DROP_AT_BYTES = 32 * 1024 * 1024;

export interface SessionHost {
  execute(argv: readonly Bytes[], client: Client): Outcome;
  closed(session: Session): void;
  /** A defect of the server itself. */
  failed(error: unknown): void;
}

/** One connection: bytes in, commands in their order one after the other, bytes out. */
export class Session implements Client {
  readonly id: number;
  readonly channels = new Set<Bytes>();
  name: Bytes = '';
  user: User | undefined;
  readonly #socket: Socket;
  readonly #host: SessionHost;
  readonly #parser = new RespParser();
  #out = '';
  #blocked = false;
  #closing = false;
  #running = false;

  constructor(id: number, socket: Socket, host: SessionHost) {
    this.id = id;
    this.#socket = socket;
    this.#host = host;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#parser.push(chunk);
      this.#run();
    });
    socket.on('drain', () => this.#run());
    // A peer that resets its connection is everyday life; 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closing = true;
      host.closed(this);
    });
  }

  push(reply: Reply): void {
    this.#out += encodeReply(reply);
    if (!this.#running) this.#flush();
  }

  unblock(reply: Reply): void {
    this.#blocked = false;
    this.#out += encodeReply(reply);
    // Not at once: whoever unblocks is in the middle of a command of its own, and others wait their turn.
    setImmediate(() => this.#run());
  }

  quit(): void {
    this.#closing = true;
  }

  destroy(): void {
    this.#closing = true;
    this.#socket.destroy();
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      this.#runCommands();
    } catch (error) {
      this.#closing = true;
      if (error instanceof ProtocolError) this.#out += `-ERR ${error.message}\r\n`;
      else this.#host.failed(error);
    } finally {
      this.#running = false;
      this.#flush();
      if (this.#closing) this.#socket.end();
    }
  }

  #runCommands(): void {
    while (!this.#blocked && !this.#closing) {
      if (this.#out.length > PAUSE_AT_BYTES) this.#flush();
      if (this.#socket.writableLength > PAUSE_AT_BYTES) break;
      const argv = this.#parser.next();
      if (argv === undefined) break;
      const outcome = this.#host.execute(argv, this);
      if (outcome === BLOCKED) this.#blocked = true;
      else if (outcome !== REPLIED) this.#out += encodeReply(outcome);
    }
    const mustWait = this.#blocked || this.#socket.writableLength > PAUSE_AT_BYTES;
    if (mustWait && this.#parser.bufferedBytes > PAUSE_AT_BYTES) this.#socket.pause();
    else this.#socket.resume();
  }

  #flush(): void {
    if (this.#out !== '' && this.#socket.writable) this.#socket.write(this.#out, 'latin1');
    this.#out = '';
    if (this.channels.size > 0 && this.#socket.writableLength > DROP_AT_BYTES) this.destroy();
  }
}
