const PIECE_BYTES = 1024 * 1024;

/** Strings by their number, held as UTF-8 outside the heap, where millions of them take no more than their bytes. */
export interface StringTable {
  /** In UTF-8. */
  readonly bytes: number;
  readonly length: number;
  add(text: string): void;
  get(index: number): string | undefined;
}

export function createStringTable(): StringTable {
  const pieces: Buffer[] = [];
  const ends: number[] = [];
  let bytes = 0;

  function append(text: Buffer): void {
    for (let from = 0; from < text.length; ) {
      const at = bytes % PIECE_BYTES;
      if (at === 0) pieces.push(Buffer.allocUnsafe(PIECE_BYTES));
      const copied = text.copy(pieces.at(-1)!, at, from);
      from += copied;
      bytes += copied;
    }
  }

  function slice(start: number, end: number): string {
    const parts: Buffer[] = [];
    for (let at = start; at < end; ) {
      const from = at % PIECE_BYTES;
      const part = pieces[Math.floor(at / PIECE_BYTES)]!.subarray(from, Math.min(PIECE_BYTES, from + end - at));
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 ? parts[0]!.toString() : Buffer.concat(parts).toString();
  }

  return {
    get bytes() {
      return bytes;
    },
    get length() {
      return ends.length;
    },
    add(text) {
      append(Buffer.from(text));
      ends.push(bytes);
    },
    get(index) {
      const end = ends[index];
      return end === undefined ? undefined : slice(index === 0 ? 0 : ends[index - 1]!, end);
    },
  };
}
