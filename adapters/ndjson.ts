/** Text as it comes, in lines. */

/** A line of ours is some hundred bytes: one that has no end must not fill the memory. */
const MAX_LINE_BYTES = 256 * 1024;

/**
 * The lines of a stream whose chunks may break anywhere, inside a character too. A last line without a line break was cut
 * off, so it is left out; empty lines are as well.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxLineBytes = MAX_LINE_BYTES,
): AsyncGenerator<string> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    // A line break is one byte in UTF-8 and part of no other character: cutting there breaks none.
    for (let end = pending.indexOf('\n'); end !== -1; end = pending.indexOf('\n')) {
      const line = pending.toString('utf8', 0, end).trim();
      pending = pending.subarray(end + 1);
      if (line !== '') yield line;
    }
    if (pending.length > maxLineBytes) throw new Error(`a line is longer than ${maxLineBytes} bytes`);
  }
}
