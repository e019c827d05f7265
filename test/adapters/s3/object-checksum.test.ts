import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { partChecksum, wholeChecksum } from '../../../adapters/s3/object-checksum.ts';

describe('the checksum of an object', () => {
  it('is that of its bytes where they are one part', () => {
    // The check value of CRC-32 for these digits is cbf43926.
    expect(partChecksum(Buffer.from('123456789'))).toBe(Buffer.from('cbf43926', 'hex').toString('base64'));
    expect(partChecksum(Buffer.alloc(0))).toBe('AAAAAA==');
  });

  it('is that of the checksums of its parts, and tells how many', () => {
    const texts = ['1234', '5678', '9'];
    const parts = Buffer.alloc(12);
    texts.forEach((text, index) => {
      parts.writeUInt32BE(crc32(text), index * 4);
    });
    const whole = Buffer.alloc(4);
    whole.writeUInt32BE(crc32(parts));
    const checksums = texts.map((text) => partChecksum(Buffer.from(text)));
    expect(wholeChecksum(checksums)).toBe(`${whole.toString('base64')}-3`);
  });
});
