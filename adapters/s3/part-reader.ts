/** Bytes in pieces of a size of their own. */
export interface PartReader {
  /** As much of the buffer as there are bytes for: all of it, but for the last part. */
  fill(buffer: Uint8Array): Promise<{ readonly part: Uint8Array; readonly last: boolean }>;
  /** Nothing more is read. */
  close(): Promise<void>;
}

/** Copies: a chunk from a socket is let go of at once, and the buffers are used again. */
export function createPartReader(bytes: AsyncIterable<Uint8Array>): PartReader {
  const chunks = bytes[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);

  return {
    async fill(buffer) {
      for (let filled = 0; ; ) {
        if (rest.byteLength === 0) {
          const next = await chunks.next();
          if (next.done) return { part: buffer.subarray(0, filled), last: true };
          rest = next.value;
        } else if (filled === buffer.byteLength) {
          // Only with a byte of the next part at hand is it known that there is one.
          return { part: buffer, last: false };
        } else {
          const piece = rest.subarray(0, buffer.byteLength - filled);
          buffer.set(piece, filled);
          filled += piece.byteLength;
          rest = rest.subarray(piece.byteLength);
        }
      }
    },
    async close() {
      await chunks.return?.();
    },
  };
}
