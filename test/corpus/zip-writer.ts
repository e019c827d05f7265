import { crc32, deflateRawSync } from 'node:zlib';

/** One file of a zip. What is given beside `content` is written whether or not it is true. */
export interface ZipFile {
  readonly name: string | Buffer;
  readonly content: string | Uint8Array;
  /** Default: deflated. */
  readonly stored?: boolean;
  readonly method?: number;
  /** Bits of the general purpose flag: 1 is encrypted, 8 has its sizes after the data, 0x40 strongly encrypted. */
  readonly flags?: number;
  readonly size?: number;
  readonly compressedSize?: number;
  readonly crc?: number;
  /** Deflated already. */
  readonly deflated?: Buffer;
  /** Where the table of contents says that it begins. */
  readonly offset?: number;
  readonly extra?: Buffer;
}

export interface ZipOptions {
  /** Sizes and offsets in 64 bits, although they are small. */
  readonly zip64?: boolean;
  readonly comment?: string;
  /** Stands before the first file, where nothing should. */
  readonly before?: Buffer;
  /** How many files the end says there are. */
  readonly count?: number;
}

const UTF8 = 0x800;
const SIZES_FOLLOW = 8;

interface Written {
  readonly file: ZipFile;
  readonly name: Buffer;
  readonly data: Buffer;
  readonly size: number;
  readonly crc: number;
  readonly method: number;
  readonly at: number;
}

/** Makes zips for tests, right ones and wrong ones. */
export function zipOf(files: readonly ZipFile[], options: ZipOptions = {}): Buffer {
  const chunks: Buffer[] = [options.before ?? Buffer.alloc(0)];
  let at = chunks[0]!.length;
  const push = (chunk: Buffer) => {
    chunks.push(chunk);
    at += chunk.length;
  };
  const written: Written[] = [];
  for (const file of files) {
    const one = compressed(file, at);
    written.push(one);
    push(localHeader(one));
    push(one.data);
    if ((file.flags ?? 0) & SIZES_FOLLOW) push(descriptor(one));
  }
  const contentsAt = at;
  for (const one of written) push(contentsEntry(one, options.zip64 === true));
  for (const chunk of end(options.count ?? files.length, contentsAt, at - contentsAt, options)) push(chunk);
  return Buffer.concat(chunks);
}

/** Files by their name, deflated. */
export function zipOfParts(parts: Readonly<Record<string, string | Uint8Array>>, options?: ZipOptions): Buffer {
  return zipOf(
    Object.entries(parts).map(([name, content]) => ({ name, content })),
    options,
  );
}

function compressed(file: ZipFile, at: number): Written {
  const content = Buffer.from(file.content as string);
  const data = file.stored ? content : (file.deflated ?? deflateRawSync(content));
  return {
    file,
    name: Buffer.from(file.name as string),
    data,
    size: file.size ?? content.length,
    crc: file.crc ?? crc32(content),
    method: file.method ?? (file.stored ? 0 : 8),
    at,
  };
}

function fields(signature: number, ...values: readonly [bytes: 2 | 4 | 8, value: number][]): Buffer {
  const buffer = Buffer.alloc(4 + values.reduce((sum, [bytes]) => sum + bytes, 0));
  buffer.writeUInt32LE(signature, 0);
  let at = 4;
  for (const [bytes, value] of values) {
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, bytes);
    at += bytes;
  }
  return buffer;
}

function localHeader({ file, name, data, size, crc, method }: Written): Buffer {
  const follow = ((file.flags ?? 0) & SIZES_FOLLOW) !== 0;
  const header = fields(
    0x04034b50,
    [2, 20],
    [2, (file.flags ?? 0) | UTF8],
    [2, method],
    [4, 0x58210000],
    [4, follow ? 0 : crc],
    [4, follow ? 0 : (file.compressedSize ?? data.length)],
    [4, follow ? 0 : size],
    [2, name.length],
    [2, 0],
  );
  return Buffer.concat([header, name]);
}

function descriptor({ data, size, crc }: Written): Buffer {
  return fields(0x08074b50, [4, crc], [4, data.length], [4, size]);
}

function contentsEntry({ file, name, data, size, crc, method, at }: Written, zip64: boolean): Buffer {
  const compressedSize = file.compressedSize ?? data.length;
  const offset = file.offset ?? at;
  const sizes = fields(0x001c_0001, [8, size], [8, compressedSize], [8, offset], [4, 0]);
  const extra = Buffer.concat([zip64 ? sizes : Buffer.alloc(0), file.extra ?? Buffer.alloc(0)]);
  const header = fields(
    0x02014b50,
    [2, 20],
    [2, 20],
    [2, (file.flags ?? 0) | UTF8],
    [2, method],
    [4, 0x58210000],
    [4, crc],
    [4, zip64 ? 0xffffffff : compressedSize],
    [4, zip64 ? 0xffffffff : size],
    [2, name.length],
    [2, extra.length],
    [2, 0],
    [2, 0],
    [2, 0],
    [4, 0],
    [4, zip64 ? 0xffffffff : offset],
  );
  return Buffer.concat([header, name, extra]);
}

function end(count: number, at: number, bytes: number, { zip64, comment = '' }: ZipOptions): Buffer[] {
  const short = Math.min(0xffff, count);
  const last = fields(
    0x06054b50,
    [2, 0],
    [2, 0],
    [2, short],
    [2, short],
    [4, bytes],
    [4, zip64 ? 0xffffffff : at],
    [2, comment.length],
  );
  if (!zip64) return [last, Buffer.from(comment)];
  const record = fields(
    0x06064b50,
    [8, 44],
    [2, 45],
    [2, 45],
    [4, 0],
    [4, 0],
    [8, count],
    [8, count],
    [8, bytes],
    [8, at],
  );
  const locator = fields(0x07064b50, [4, 0], [8, at + bytes], [4, 1]);
  return [record, locator, last, Buffer.from(comment)];
}
