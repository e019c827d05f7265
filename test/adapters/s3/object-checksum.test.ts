import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createObjectChecksum } from '../../../adapters/s3/object-checksum.ts';

function checksumOf(text: string, partBytes: number, chunkBytes: number): string {
  const checksum = createObjectChecksum(partBytes);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) checksum.update(bytes.subarray(at, at + chunkBytes));
  return checksum.value();
}

describe('the checksum of an object', () => {
  it.each([1, 4, 5, 7, 100])('is that of its bytes where they are one part, in chunks of %i', (chunkBytes) => {
    // The check value of CRC-32 for these digits is cbf43926.
    expect(checksumOf('123456789', 9, chunkBytes)).toBe(Buffer.from('cbf43926', 'hex').toString('base64'));
    expect(checksumOf('123456789', 100, chunkBytes)).toBe(Buffer.from('cbf43926', 'hex').toString('base64'));
  });

  it.each([1, 2, 3, 4, 5, 9])('is that of the checksums of its parts, wherever the chunks of %i end', (chunkBytes) => {
    const parts = Buffer.alloc(12);
    ['1234', '5678', '9'].forEach((part, index) => {
      parts.writeUInt32BE(crc32(part), index * 4);
    });
    const whole = Buffer.alloc(4);
    whole.writeUInt32BE(crc32(parts));
    expect(checksumOf('123456789', 4, chunkBytes)).toBe(`${whole.toString('base64')}-3`);
  });

  it('has no empty part at the end', () => {
    expect(checksumOf('12345678', 4, 8)).toMatch(/-2$/);
    expect(checksumOf('', 4, 1)).toBe('AAAAAA==');
  });
});
