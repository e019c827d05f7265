import type { Document } from './document.ts';

/** What the bytes alone say of a text. */
export interface ByteScan {
  readonly bytes: number;
  /** Bytes that are signs of a program's file: hardly any text has one. */
  readonly controls: number;
  /** The same in the first HEAD_BYTES: a header may be all that is not text in a file. */
  readonly headControls: number;
  /** Bytes that are no ASCII: of any bytes they are half. */
  readonly foreign: number;
  readonly utf8: Utf8Count;
  /** Where the first byte beyond ASCII is. */
  readonly beyondAscii?: number;
}

export interface Utf8Count {
  /** Characters beyond ASCII, as UTF-8 has them. */
  readonly sequences: number;
  /** Where a byte is none of UTF-8, or a character breaks off. */
  readonly invalid: number;
}

export const HEAD_BYTES = 4096;

/**
 * Tab, line feed, form feed, carriage return, escape (terminal logs), backspace (manual pages print letters twice) and what
 * DOS ends a text with occur in text; others only where something went wrong.
 */
const CONTROL = new Uint8Array(256);
CONTROL.fill(1, 0, 32);
for (const allowed of [8, 9, 10, 12, 13, 0x1a, 27]) CONTROL[allowed] = 0;

const FOREIGN = new Uint8Array(256).fill(1, 128);

/**
 * Over all of it: one byte in the last megabyte decides between two encodings.
 * @param isHopeless ends it early, after the first chunk.
 */
export function scanBytes(document: Document, from: number, isHopeless: (scan: ByteScan) => boolean): ByteScan {
  const utf8 = createUtf8Counter();
  let beyondAscii: number | undefined;
  let controls = 0;
  let headControls = 0;
  let foreign = 0;
  const sofar = (): ByteScan => ({
    bytes: document.bytes - from,
    controls,
    headControls,
    foreign,
    utf8: utf8.count(),
    ...(beyondAscii !== undefined && { beyondAscii }),
  });
  for (const { chunk, at } of document.chunks(from)) {
    const start = at - chunk.length;
    if (beyondAscii === undefined) {
      const index = chunk.findIndex((byte) => byte > 0x7f);
      if (index !== -1) beyondAscii = start + index;
    }
    if (start === from) headControls = sumOver(chunk.subarray(0, HEAD_BYTES), CONTROL);
    controls += sumOver(chunk, CONTROL);
    foreign += sumOver(chunk, FOREIGN);
    utf8.write(chunk);
    if (start === from && isHopeless(sofar())) break;
  }
  return sofar();
}

function sumOver(bytes: Uint8Array, worth: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index += 1) sum += worth[bytes[index]!]!;
  return sum;
}

/** How far it is UTF-8: as strict as a decoder, which does not say how often it failed. */
export function createUtf8Counter() {
  let sequences = 0;
  let invalid = 0;
  /** Bytes that are still to come of a character, and which ones the next may be. */
  let needed = 0;
  let lowest = 0x80;
  let highest = 0xbf;

  function begin(byte: number): void {
    if (byte >= 0xc2 && byte <= 0xdf) needed = 1;
    else if (byte >= 0xe0 && byte <= 0xef) needed = 2;
    else if (byte >= 0xf0 && byte <= 0xf4) needed = 3;
    else invalid += 1;
    // Longer than it need be, half of a pair, beyond Unicode.
    lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  }

  return {
    write(bytes: Uint8Array) {
      for (let index = 0; index < bytes.length; index += 1) {
        const byte = bytes[index]!;
        if (needed > 0 && byte >= lowest && byte <= highest) {
          needed -= 1;
          if (needed === 0) sequences += 1;
          lowest = 0x80;
          highest = 0xbf;
          continue;
        }
        if (needed > 0) invalid += 1;
        needed = 0;
        if (byte > 0x7f) begin(byte);
      }
    },
    /** Of a text that was cut the last character is no fault; but alone it is a letter of another encoding. */
    count: (): Utf8Count => ({ sequences, invalid: invalid + (needed > 0 && sequences === 0 ? 1 : 0) }),
  };
}

export function countUtf8(bytes: Uint8Array): Utf8Count {
  const counter = createUtf8Counter();
  counter.write(bytes);
  return counter.count();
}

/** In texts of two bytes a character a fifth of them is UTF-8 by chance, in others nearly none. */
const SEQUENCES_PER_FAULT = 2;

/**
 * @param declared it says so itself: then only what is UTF-8 hardly anywhere is a lie.
 * @returns whether it is UTF-8 all in all. ASCII alone is.
 */
export function isMostlyUtf8({ sequences, invalid }: Utf8Count, declared = false): boolean {
  return invalid === 0 || (sequences > 0 && sequences >= invalid * (declared ? 1 : SEQUENCES_PER_FAULT));
}
