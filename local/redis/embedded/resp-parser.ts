import { splitInline } from './inline.ts';
import type { Bytes } from './reply.ts';

/** 64 KiB: the longest line that Redis takes (PROTO_INLINE_MAX_SIZE). */
const MAX_LINE_BYTES = 64 * 1024;
/** 128 MiB. Redis takes 512 MB; what a JavaScript string holds is a little less, and nothing here is near it. */
const MAX_BULK_BYTES = 128 * 1024 * 1024;
/** 1,048,576 arguments in one command. */
const MAX_ARGUMENTS = 1024 * 1024;

const CR = 0x0d;
const LF = 0x0a;
const ASTERISK = 0x2a;
const DOLLAR = 0x24;

/** The stream of bytes is out of step: the connection cannot go on. */
export class ProtocolError extends Error {
  readonly code = 'ERR_REDIS_PROTOCOL';

  constructor(reason: string) {
    super(`Protocol error: ${reason}`);
    this.name = 'ProtocolError';
  }
}

/** Turns the bytes of one connection into commands, whatever way they are cut into chunks. */
export class RespParser {
  #buffer: Buffer = Buffer.alloc(0);
  #offset = 0;
  /** Chunks that are not joined yet: a big bulk string is joined once, when it is whole. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #neededBytes = 0;
  #args: Bytes[] = [];
  #missingArgs = 0;
  #bulkLength = -1;

  get bufferedBytes(): number {
    return this.#buffer.length - this.#offset + this.#waitingBytes;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
  }

  /** @returns the next whole command, or undefined when more bytes are needed. Throws ProtocolError. */
  next(): Bytes[] | undefined {
    if (!this.#join()) return undefined;
    for (;;) {
      if (this.#missingArgs === 0) {
        if (this.#available() === 0) return undefined;
        if (this.#buffer[this.#offset] !== ASTERISK) {
          const words = this.#inline();
          if (words?.length === 0) continue;
          return words;
        }
        if (!this.#readCount()) return undefined;
        continue;
      }
      if (!this.#readArgument()) return undefined;
      if (this.#missingArgs === 0) {
        const command = this.#args;
        this.#args = [];
        return command;
      }
    }
  }

  #join(): boolean {
    if (this.#waitingBytes > 0) {
      if (this.bufferedBytes < this.#neededBytes) return false;
      const rest = this.#buffer.subarray(this.#offset);
      const only = this.#waiting.length === 1 && rest.length === 0 ? this.#waiting[0] : undefined;
      this.#buffer = only ?? Buffer.concat([rest, ...this.#waiting]);
      this.#offset = 0;
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    this.#neededBytes = 0;
    return true;
  }

  #available(): number {
    return this.#buffer.length - this.#offset;
  }

  #readCount(): boolean {
    const line = this.#line('too big mbulk count string');
    if (line === undefined) return false;
    const count = lengthOf(line.slice(1));
    if (count === undefined || count > MAX_ARGUMENTS) throw new ProtocolError('invalid multibulk length');
    this.#missingArgs = Math.max(0, count);
    return true;
  }

  #readArgument(): boolean {
    if (this.#bulkLength < 0) {
      if (this.#available() === 0) return false;
      const line = this.#line('too big bulk count string');
      if (line === undefined) return false;
      if (line.charCodeAt(0) !== DOLLAR) throw new ProtocolError(`expected '$', got '${line[0] ?? ' '}'`);
      const length = lengthOf(line.slice(1));
      if (length === undefined || length < 0 || length > MAX_BULK_BYTES) throw new ProtocolError('invalid bulk length');
      this.#bulkLength = length;
    }
    const end = this.#offset + this.#bulkLength;
    if (this.#buffer.length < end + 2) {
      this.#neededBytes = this.#bulkLength + 2;
      return false;
    }
    this.#args.push(this.#buffer.toString('latin1', this.#offset, end));
    this.#offset = end + 2;
    this.#bulkLength = -1;
    this.#missingArgs -= 1;
    return true;
  }

  #line(tooLong: string): string | undefined {
    const end = this.#buffer.indexOf(CR, this.#offset);
    if (end < 0 || end + 1 >= this.#buffer.length) {
      if (this.#available() > MAX_LINE_BYTES) throw new ProtocolError(tooLong);
      return undefined;
    }
    const line = this.#buffer.toString('latin1', this.#offset, end);
    this.#offset = end + 2;
    return line;
  }

  #inline(): Bytes[] | undefined {
    const end = this.#buffer.indexOf(LF, this.#offset);
    if (end < 0) {
      if (this.#available() > MAX_LINE_BYTES) throw new ProtocolError('too big inline request');
      return undefined;
    }
    const line = this.#buffer.toString('latin1', this.#offset, end).replace(/\r$/, '');
    this.#offset = end + 1;
    const words = splitInline(line);
    if (words === undefined) throw new ProtocolError('unbalanced quotes in request');
    return words;
  }
}

function lengthOf(digits: string): number | undefined {
  return /^(?:0|-?[1-9]\d{0,9})$/.test(digits) ? Number(digits) : undefined;
}
