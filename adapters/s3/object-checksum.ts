import { crc32 } from 'node:zlib';

/** The CRC-32 of an object as S3 gives it for one that came in parts of `partBytes`. */
export interface ObjectChecksum {
  update(chunk: Uint8Array): void;
  /** Of one part its own; of more the checksum of theirs, with their number: `4XvZBg==-3`. */
  value(): string;
}

export function createObjectChecksum(partBytes: number): ObjectChecksum {
  const ended: number[] = [];
  let current = 0;
  let currentBytes = 0;

  return {
    update(chunk) {
      for (let at = 0; at < chunk.byteLength; ) {
        // A part ends with the byte that begins the next one: an object has no empty part at its end.
        if (currentBytes === partBytes) {
          ended.push(current);
          current = 0;
          currentBytes = 0;
        }
        const piece = chunk.subarray(at, at + partBytes - currentBytes);
        current = crc32(piece, current);
        currentBytes += piece.byteLength;
        at += piece.byteLength;
      }
    },
    value() {
      if (ended.length === 0) return bigEndian([current]).toString('base64');
      const parts = [...ended, current];
      return `${bigEndian([crc32(bigEndian(parts))]).toString('base64')}-${parts.length}`;
    },
  };
}

function bigEndian(numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => {
    bytes.writeUInt32BE(number, index * 4);
  });
  return bytes;
}
