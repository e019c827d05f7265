import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../adapters/ndjson.ts';

async function linesOf(chunks: readonly Uint8Array[], maxLineBytes?: number): Promise<string[]> {
  async function* stream() {
    yield* chunks;
  }
  const lines: string[] = [];
  for await (const line of readLines(stream(), maxLineBytes)) lines.push(line);
  return lines;
}

describe('the line reader', () => {
  it('gives the same lines wherever the chunks break, inside characters too', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => JSON.stringify({ text }));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat(40)), async (lines, cuts) => {
        const bytes = Buffer.from(lines.map((each) => `${each}\n`).join(''));
        const chunks: Buffer[] = [];
        let at = 0;
        for (const cut of cuts) {
          chunks.push(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
        }
        chunks.push(bytes.subarray(at));
        expect(await linesOf(chunks)).toEqual(lines);
      }),
      { seed: 1 },
    );
  });

  it('leaves out empty lines, and a last line that was cut off', async () => {
    expect(await linesOf([Buffer.from('\n\na\r\n\nb\n{"done":')])).toEqual(['a', 'b']);
  });

  it('gives up a line without end', async () => {
    await expect(linesOf([Buffer.alloc(60, 'x'), Buffer.alloc(60, 'x')], 100)).rejects.toThrow('longer than 100 bytes');
  });
});
