/** Mutations that break multipart readers: bytes, cuts and copies, and the tokens that carry meaning there. */

export type Random = () => number;

/** The same numbers for the same seed (mulberry32), so that a failure can be run again. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function mutate(body: Buffer, random: Random, boundary: string): Buffer {
  const tokens = [
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
    '\\',
    '%22',
    '\u00e9',
    `--${boundary}`,
    `--${boundary}--`,
    `\r\n--${boundary}\r\n`,
    `\r\n--${boundary}--\r\n`,
    'Content-Disposition: form-data; name="content"\r\n',
    '; filename="x"',
    "; filename*=utf-8''%C3%A9",
    'Content-Type: text/plain; charset=utf-16le\r\n',
    '__proto__',
  ];
  let mutated = body;
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time += 1) mutated = mutateOnce(mutated, random, tokens);
  return mutated;
}

function mutateOnce(body: Buffer, random: Random, tokens: readonly string[]): Buffer {
  const at = Math.floor(random() * (body.length + 1));
  const length = Math.floor(random() * Math.min(40, body.length - at + 1));
  const before = body.subarray(0, at);
  const after = body.subarray(at + length);
  switch (Math.floor(random() * 6)) {
    case 0: // another byte
      return Buffer.concat([before, Buffer.from([Math.floor(random() * 256)]), body.subarray(at + 1)]);
    case 1: // a token put in
      return Buffer.concat([before, Buffer.from(tokens[Math.floor(random() * tokens.length)]!), body.subarray(at)]);
    case 2: // a token in place of something
      return Buffer.concat([before, Buffer.from(tokens[Math.floor(random() * tokens.length)]!), after]);
    case 3: // something left out
      return Buffer.concat([before, after]);
    case 4: // something twice
      return Buffer.concat([before, body.subarray(at, at + length), body.subarray(at)]);
    default: // cut off, now and then
      return random() < 0.3 ? Buffer.from(before) : Buffer.concat([before, Buffer.from('x'), body.subarray(at)]);
  }
}
