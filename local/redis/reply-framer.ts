const CR = 0x0d;

const type = (sign: string) => sign.charCodeAt(0);

/** Of RESP2 and RESP3: what ends with its line, what has so many bytes behind it, and what has so many others behind it. */
const LINES = new Set(['+', '-', ':', '_', ',', '#', '('].map(type));
const BULKS = new Set(['$', '!', '='].map(type));
const AGGREGATES = new Map([
  [type('*'), 1],
  [type('~'), 1],
  [type('>'), 1],
  [type('%'), 2], // a key and a value for each
]);
/** Attributes stand before the reply that they are about. */
const ATTRIBUTE = type('|');
const PUSH = type('>');

/** Cuts the bytes of a server into its replies, without a look at what they say. */
export class ReplyFramer {
  #buffer: Buffer = Buffer.alloc(0);
  /** Not joined yet: a big reply is joined once, when it is whole. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #neededBytes = 0;

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
  }

  /** @returns the next whole reply, or undefined when more bytes are needed. */
  next(): Buffer | undefined {
    if (this.#buffer.length + this.#waitingBytes < this.#neededBytes) return undefined;
    this.#buffer = Buffer.concat([this.#buffer, ...this.#waiting.splice(0)]);
    this.#waitingBytes = 0;
    const end = endOfReply(this.#buffer);
    this.#neededBytes = end > this.#buffer.length ? end : 0;
    if (this.#neededBytes > 0) return undefined;
    const reply = this.#buffer.subarray(0, end);
    this.#buffer = this.#buffer.subarray(end);
    return reply;
  }
}

/** It answers no command. */
export function isPush(reply: Buffer): boolean {
  return reply[0] === PUSH;
}

/** @returns where it ends; beyond the buffer: so many bytes are needed at the least. */
function endOfReply(buffer: Buffer): number {
  let at = 0;
  for (let left = 1; left > 0; left -= 1) {
    const lineEnd = buffer.indexOf(CR, at);
    if (lineEnd < 0 || lineEnd + 1 >= buffer.length) return buffer.length + 1;
    const sign = buffer[at]!;
    const length = LINES.has(sign) ? 0 : Number(buffer.toString('latin1', at + 1, lineEnd));
    at = lineEnd + 2;
    if (BULKS.has(sign) && length >= 0) at += length + 2;
    else if (sign === ATTRIBUTE) left += 2 * length + 1;
    else left += Math.max(0, length) * (AGGREGATES.get(sign) ?? 0);
    if (at > buffer.length) return at;
  }
  return at;
}
