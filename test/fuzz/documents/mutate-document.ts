import { deflateSync, inflateSync } from 'node:zlib';
import { createRandom, type Random } from '../../chaos/random.ts';
import { type ZipFile, zipOf } from '../../corpus/zip-writer.ts';
import { FUZZ_CORPUS, type FuzzDocument } from './corpus.ts';
import { mutateContent } from './mutate-content.ts';
import { unzip } from './unzip.ts';

/** The same for the same seed and index, whichever came before. */
export function documentCase(seed: number, index: number): FuzzDocument {
  const random = createRandom(seed).fork(`document ${index}`);
  const { filename, bytes } = random.pick(FUZZ_CORPUS);
  const other = random.pick(FUZZ_CORPUS);
  return {
    // The name decides between kinds of text: now and then it is another's, or none.
    filename: random.chance(0.1) ? random.pick([other.filename, '']) : filename,
    bytes: mutateDocument(bytes, random, other.bytes),
  };
}

/** What lies in a document is changed inside of it more often than around it: a checksum would hide it. */
function mutateDocument(bytes: Buffer, random: Random, other: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 2) === 'PK' && random.chance(0.8)) return mutateZip(bytes, random, other);
  if (bytes.includes('%PDF-') && random.chance(0.4)) return mutateStreams(bytes, random, other);
  if (random.chance(0.02)) return Buffer.concat(random.chance(0.5) ? [bytes, other] : [other, bytes]);
  return mutateContent(bytes, random, other);
}

function mutateZip(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const files: ZipFile[] = unzip(bytes);
  if (files.length === 0) return mutateContent(bytes, random, other);
  for (let left = random.pick([1, 1, 2]); left > 0; left -= 1) {
    const which = random.whole(0, files.length - 1);
    files[which] = { ...files[which]!, ...changeOf(files[which]!, random, other, files) };
  }
  if (random.chance(0.05)) files.splice(random.whole(0, files.length - 1), 1);
  if (random.chance(0.03)) files.push(random.pick(files));
  const zip = zipOf(files, random.chance(0.03) ? { zip64: true } : {});
  return random.chance(0.05) ? mutateContent(zip, random, other) : zip;
}

function changeOf(file: ZipFile, random: Random, other: Buffer, files: readonly ZipFile[]): Partial<ZipFile> {
  const content = Buffer.from(file.content as string);
  if (random.chance(0.85)) return { content: mutateContent(content, random, other) };
  return random.pick<Partial<ZipFile>>([
    { content: random.pick(files).content },
    { name: random.pick(files).name },
    { content: '' },
    { size: random.whole(0, 2 * content.length) },
    { compressedSize: random.whole(0, 2 * content.length) },
    { crc: 0 },
    { flags: random.pick([1, 8, 0x40, 0xffff]) },
    { method: random.pick([1, 9, 12, 99]) },
    { stored: true },
    { offset: random.whole(0, 5_000) },
    { content: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(content.toString('utf8'), 'utf16le')]) },
  ]);
}

/** Of a PDF: the text and the tables inside its streams, whose lengths are made right again. */
function mutateStreams(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const starts = [...bytes.toString('latin1').matchAll(/stream\r?\n/g)]
    .filter(({ index }) => bytes.toString('latin1', index - 3, index) !== 'end')
    .map((match) => match.index + match[0].length);
  if (starts.length === 0) return mutateContent(bytes, random, other);
  const from = random.pick(starts);
  const to = bytes.indexOf('endstream', from);
  if (to === -1) return mutateContent(bytes, random, other);
  const changed = recompressed(bytes.subarray(from, to), random, other);
  const before = bytes
    .toString('latin1', 0, from)
    .replace(/\/Length \d+(?=[\s\S]{0,200}$)/, `/Length ${changed.length}`);
  return Buffer.concat([Buffer.from(before, 'latin1'), changed, Buffer.from('\n'), bytes.subarray(to)]);
}

function recompressed(stream: Buffer, random: Random, other: Buffer): Buffer {
  try {
    return deflateSync(mutateContent(inflateSync(stream), random, other));
  } catch {
    return mutateContent(stream, random, other);
  }
}
