/**
 * Values as they travel in RESP2. Redis strings are bytes; here each is a JavaScript string with one character
 * (0 to 255) per byte: immutable, usable as a Map key, and ordered as bytes are.
 */
export type Bytes = string;

/** `+OK` and its kind, as against a bulk string of the same text. */
export class Status {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const OK = new Status('OK');

/** `*-1`, as against `$-1`, which is null. */
export const NULL_ARRAY = Symbol('null array');

/** What a command refuses with. `message` is the whole error line, its code word first. */
export class CommandError extends Error {
  readonly code: string;

  constructor(message: string) {
    super(message);
    this.name = 'CommandError';
    this.code = message.split(' ', 1)[0] ?? 'ERR';
  }
}

export type Reply = Bytes | number | bigint | null | typeof NULL_ARRAY | Status | CommandError | readonly Reply[];

/** The bytes of a reply, one character each. */
export function encodeReply(reply: Reply): Bytes {
  if (typeof reply === 'string') return `$${reply.length}\r\n${reply}\r\n`;
  if (typeof reply === 'number' || typeof reply === 'bigint') return `:${reply}\r\n`;
  if (reply === null) return '$-1\r\n';
  if (reply === NULL_ARRAY) return '*-1\r\n';
  if (reply instanceof Status) return `+${oneLine(reply.text)}\r\n`;
  if (reply instanceof CommandError) return `-${oneLine(reply.message)}\r\n`;
  let out = `*${(reply as readonly Reply[]).length}\r\n`;
  for (const item of reply as readonly Reply[]) out += encodeReply(item);
  return out;
}

/** A line break inside a status or an error would end it early: Redis writes spaces too. */
function oneLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ');
}
