import { crc32 } from 'node:zlib';

/** CRC-32 as S3 gives it: big-endian, in base64. */

export function partChecksum(part: Uint8Array): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(part));
  return bytes.toString('base64');
}

/** Of an object that came in parts: the checksum of theirs, with their number, like `4XvZBg==-3`. */
export function wholeChecksum(parts: readonly string[]): string {
  const checksums = Buffer.concat(parts.map((part) => Buffer.from(part, 'base64')));
  return `${partChecksum(checksums)}-${parts.length}`;
}
