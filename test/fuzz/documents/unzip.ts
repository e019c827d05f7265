import { inflateRawSync } from 'node:zlib';

export interface Unzipped {
  readonly name: string;
  readonly content: Buffer;
}

const CONTENTS_ENTRY = Buffer.from('PK\x01\x02', 'latin1');

/** The files of a zip that test/corpus/zip-writer.ts wrote; of another one, those that it happens to read. */
export function unzip(bytes: Buffer): Unzipped[] {
  const files: Unzipped[] = [];
  for (let at = bytes.indexOf(CONTENTS_ENTRY); at !== -1; at = bytes.indexOf(CONTENTS_ENTRY, at + 4)) {
    try {
      files.push(fileAt(bytes, at));
    } catch {
      // A wrong one on purpose: the others are enough to change.
    }
  }
  return files;
}

function fileAt(bytes: Buffer, at: number): Unzipped {
  const method = bytes.readUInt16LE(at + 10);
  const compressed = bytes.readUInt32LE(at + 20);
  const nameLength = bytes.readUInt16LE(at + 28);
  const header = bytes.readUInt32LE(at + 42);
  const from = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
  const data = bytes.subarray(from, from + compressed);
  return {
    name: bytes.toString('utf8', at + 46, at + 46 + nameLength),
    content: method === 0 ? data : inflateRawSync(data, { maxOutputLength: 10_000_000 }),
  };
}
