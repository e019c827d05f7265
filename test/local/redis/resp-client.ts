import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A reply as it came, kinds kept apart: a status is `{ ok }`, an error `{ err }`, `*-1` is NULL_ARRAY and `$-1` null. */
export type Decoded = string | number | null | { readonly ok: string } | { readonly err: string } | Decoded[];

/** As its own kind of array, so that `toEqual([])` does not take it. */
export const NULL_ARRAY: Decoded = { ok: '*-1' };

/** Speaks RESP with nothing between the test and the bytes. */
export class RespClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly #waiting: { resolve(reply: Decoded): void; reject(error: Error): void }[] = [];
  readonly #unasked: Decoded[] = [];
  #received = '';
  /** Of fewer characters nothing is whole: a large value would be looked through anew with each piece of it. */
  #needed = 0;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#deliver();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error('The server closed the connection.'));
    });
  }

  static async connect(url: string): Promise<RespClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RespClient(socket);
  }

  /** One command. Characters are bytes. */
  send(...args: (string | number)[]): Promise<Decoded> {
    this.write(encode(args));
    return this.next();
  }

  write(bytes: string): void {
    this.socket.write(bytes, 'latin1');
  }

  /** The next reply, or message of a subscription, in the order of their arrival. */
  next(): Promise<Decoded> {
    if (this.socket.closed && this.#unasked.length === 0) return Promise.reject(new Error('The connection is closed.'));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#deliver();
    });
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed();
  }

  #deliver(): void {
    while (this.#received.length >= this.#needed) {
      const decoded = decode(this.#received, 0);
      if (typeof decoded === 'number') {
        this.#needed = decoded;
        break;
      }
      this.#needed = 0;
      this.#received = this.#received.slice(decoded.end);
      this.#unasked.push(decoded.value);
    }
    while (this.#waiting.length > 0 && this.#unasked.length > 0) this.#waiting.shift()!.resolve(this.#unasked.shift()!);
  }
}

export function encode(args: readonly (string | number)[]): string {
  return `*${args.length}\r\n${args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`).join('')}`;
}

/** @returns how many characters there have to be at the least, where the reply is not whole. */
function decode(text: string, start: number): { value: Decoded; end: number } | number {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd < 0) return text.length + 1;
  const line = text.slice(start + 1, lineEnd);
  const end = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { value: { ok: line }, end };
    case '-':
      return { value: { err: line }, end };
    case ':':
      return { value: Number(line), end };
    case '$': {
      const length = Number(line);
      if (length < 0) return { value: null, end };
      if (text.length < end + length + 2) return end + length + 2;
      return { value: text.slice(end, end + length), end: end + length + 2 };
    }
    case '*':
      return decodeArray(text, Number(line), end);
    default:
      throw new Error(`Not RESP: ${text.slice(start, start + 80)}`);
  }
}

function decodeArray(text: string, length: number, start: number): { value: Decoded; end: number } | number {
  if (length < 0) return { value: NULL_ARRAY, end: start };
  const items: Decoded[] = [];
  let end = start;
  for (let at = 0; at < length; at += 1) {
    const item = decode(text, end);
    if (typeof item === 'number') return item;
    items.push(item.value);
    end = item.end;
  }
  return { value: items, end };
}
