import type { Bytes } from './reply.ts';

/** 64 bytes: up to here a loop is faster than a Buffer. */
const SHORT = 64;

export function toLua(text: Bytes): Uint8Array {
  const { length } = text;
  const bytes = new Uint8Array(length);
  if (length > SHORT) {
    Buffer.from(bytes.buffer).write(text, 'latin1');
    return bytes;
  }
  for (let at = 0; at < length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export function fromLua(bytes: Uint8Array): Bytes {
  if (bytes.length > SHORT) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  let text = '';
  for (let at = 0; at < bytes.length; at += 1) text += String.fromCharCode(bytes[at]!);
  return text;
}
