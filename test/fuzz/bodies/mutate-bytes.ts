import type { Random } from '../../chaos/random.ts';

/** Changes of bytes, cuts and copies, and the tokens that carry meaning in a multipart body, anywhere. */
export function mutateBytes(body: Buffer, random: Random, boundary: string): Buffer {
  const tokens = [...TOKENS, ...BOUNDARY_TOKENS.map((token) => token.replace('BOUNDARY', boundary))];
  let mutated = body;
  for (let left = random.whole(1, 3); left > 0; left -= 1) mutated = mutateOnce(mutated, random, tokens);
  return mutated;
}

const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  '"',
  ';',
  '=',
  ':',
  '--',
  ' ',
  '\t',
  '\\',
  '%22',
  '%',
  '\u00e9',
  'Content-Disposition: form-data; name="content"\r\n',
  '; filename="x"',
  '; filename=',
  "; filename*=utf-8''%C3%A9",
  'Content-Type: text/plain; charset=utf-16le\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  '__proto__',
];

const BOUNDARY_TOKENS = ['--BOUNDARY', '--BOUNDARY--', '\r\n--BOUNDARY\r\n', '\r\n--BOUNDARY--\r\n', '\r\n--BOUNDARY '];

/** A few dozen bytes are what a header or a boundary has. */
const LONGEST_PIECE = 40;

function mutateOnce(body: Buffer, random: Random, tokens: readonly string[]): Buffer {
  const at = random.whole(0, body.length);
  const length = random.whole(0, Math.min(LONGEST_PIECE, body.length - at));
  const before = body.subarray(0, at);
  const after = body.subarray(at + length);
  const token = Buffer.from(random.pick(tokens));
  const kinds: ReadonlyArray<() => Uint8Array[]> = [
    () => [before, Buffer.from([random.whole(0, 255)]), body.subarray(at + 1)],
    () => [before, token, body.subarray(at)],
    () => [before, token, after],
    () => [before, after],
    () => [before, body.subarray(at, at + length), body.subarray(at)],
    () => [before, ...(random.chance(0.3) ? [] : [Buffer.from('x'), body.subarray(at)])],
  ];
  return Buffer.concat(random.pick(kinds)());
}
