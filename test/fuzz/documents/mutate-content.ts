import type { Random } from '../../chaos/random.ts';

/** Signs and words that mean something in one of the formats. */
const TOKENS = [
  ...'<>&;"\'\\{}[]()=?:,/\t\r\n\0',
  '<!DOCTYPE x [<!ENTITY a "b">]>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '<?xml version="1.0" encoding="utf-16"?>',
  '</w:p>',
  '<w:tbl><w:tr><w:tc>',
  '<table><tr><td>',
  ' xmlns:w="urn:other"',
  ' xmlns=""',
  ' table:number-rows-repeated="1048576"',
  ' w:val="999999999"',
  ' r="XFD1048576"',
  '&#x110000;',
  '&#0;',
  '&amp;amp;',
  '\\bin2000000000 ',
  '\\u-10179?',
  '{\\*\\x ',
  "\\'82",
  'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  '=?utf-8?B?',
  '\nendstream\n',
  '\nendobj\n',
  '1 0 R',
  '/Length 99999999 ',
  '/Count -1 ',
  '/Kids [2 0 R] ',
  '/Filter [/FlateDecode /FlateDecode /LZWDecode] ',
  '<<',
  '>>',
  'BT /F1 1e38 Tf',
  '<FFFF> Tj',
  '\u202e\u0000\ufeff',
  '\ud83d',
  'PK\x03\x04',
  '%PDF-1.7\n',
];

const NUMBERS = [
  '0',
  '-1',
  '1',
  '65536',
  '2147483648',
  '4294967295',
  '99999999999999999999',
  '1e308',
  '0.0000001',
  'NaN',
  '',
];

type Change = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

function replaced(bytes: Buffer, from: number, to: number, by: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);
}

function piece(bytes: Buffer, random: Random, longest: number): { readonly from: number; readonly to: number } {
  const from = random.whole(0, bytes.length);
  return { from, to: Math.min(bytes.length, from + random.whole(0, longest)) };
}

const CHANGES: readonly Change[] = [
  otherBytes,
  otherBytes,
  otherBytes,
  otherNumber,
  otherNumber,
  otherNumber,
  (bytes, random) => {
    const at = random.whole(0, bytes.length);
    return replaced(bytes, at, at, Buffer.from(random.pick(TOKENS)));
  },
  (bytes, random) => {
    const { from, to } = piece(bytes, random, 20);
    return replaced(bytes, from, to, Buffer.from(random.pick(TOKENS)));
  },
  (bytes, random) => {
    const { from, to } = piece(bytes, random, 400);
    return replaced(bytes, from, to, Buffer.alloc(0));
  },
  (bytes, random) => {
    const { from, to } = piece(bytes, random, 400);
    const at = random.whole(0, bytes.length);
    return replaced(bytes, at, at, bytes.subarray(from, to));
  },
  repeated,
  (bytes, random) =>
    random.chance(0.3) ? bytes.subarray(0, random.whole(0, bytes.length)) : otherBytes(bytes, random),
  (bytes, random, other) => {
    const { from, to } = piece(other, random, 2_000);
    const at = random.whole(0, bytes.length);
    return replaced(bytes, at, at, other.subarray(from, to));
  },
];

/** Some changes, one after the other. @param other another document, which pieces are taken from. */
export function mutateContent(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let mutated = bytes;
  for (let left = random.pick([1, 1, 1, 2, 3, 8]); left > 0; left -= 1) {
    mutated = random.pick(CHANGES)(mutated, random, other);
  }
  return mutated;
}

function otherBytes(bytes: Buffer, random: Random): Buffer {
  const changed = Buffer.from(bytes);
  for (let left = random.whole(1, 8); left > 0 && changed.length > 0; left -= 1) {
    changed[random.whole(0, changed.length - 1)] = random.pick([
      0,
      0xff,
      0x80,
      0x20,
      random.whole(0, 255),
      random.whole(0, 255),
    ]);
  }
  return changed;
}

/** What is counted, measured or pointed at. */
function otherNumber(bytes: Buffer, random: Random): Buffer {
  const start = random.whole(0, bytes.length);
  const isDigit = (byte: number | undefined) => byte !== undefined && byte >= 0x30 && byte <= 0x39;
  let from = start;
  while (from < bytes.length && !isDigit(bytes[from])) from += 1;
  let to = from;
  while (isDigit(bytes[to])) to += 1;
  return replaced(bytes, from, to, Buffer.from(random.pick(NUMBERS)));
}

/** A small piece very often, or a larger one: what a reader holds, counts or goes down into. */
function repeated(bytes: Buffer, random: Random): Buffer {
  const { from, to } = piece(bytes, random, random.pick([4, 30, 300]));
  const times = random.pick([10, 100, 2_000]);
  const many = Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, to)));
  return replaced(bytes, from, from, many.subarray(0, 200_000));
}
