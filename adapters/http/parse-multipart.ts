import { Busboy, type BusboyFileStream } from '@fastify/busboy';
import { RequestError } from '../../domain/errors.ts';
import {
  MAX_FIELD_BYTES,
  MAX_FILENAME_LENGTH,
  MAX_INLINE_BODY_BYTES,
  MAX_MULTIPART_PARTS,
} from '../../domain/limits.ts';
import { boundaryOf, framesOf, MAX_PART_HEADER_BYTES, malformed, type Part } from './multipart-framing.ts';

export interface MultipartFile {
  /** As the client named it, without folders. For display only; may be empty. */
  readonly filename: string;
  /** What the client says that it is: never to be trusted. */
  readonly mediaType: string;
  readonly bytes: Buffer;
}

export interface Multipart {
  readonly fields: Map<string, string>;
  readonly file?: MultipartFile;
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(['ws-uuid', 'source-uuid', 'filename', 'content']);

/** The body is in memory and takes some milliseconds. A parser that is not done by then waits for what will not come. */
const SETTLE_MS = 5_000;

export interface ParseMultipartOptions {
  readonly settleMs?: number;
  /** For the tests: a parser that misbehaves. */
  readonly createParser?: (config: ConstructorParameters<typeof Busboy>[0]) => InstanceType<typeof Busboy>;
}

/**
 * Reads an upload's form. Always settles. The file input of a form in a browser that nothing was chosen for (no name,
 * no bytes) counts as no file; any other empty file is given as it is.
 * @throws RequestError `unsupported-content-type`, `malformed-multipart`, `too-many-parts`, `unknown-field`,
 * `duplicate-field`, `field-too-long`, `payload-too-large`
 */
export async function parseMultipart(
  contentType: string | undefined,
  body: Buffer,
  { settleMs = SETTLE_MS, createParser = (config) => new Busboy(config) }: ParseMultipartOptions = {},
): Promise<Multipart> {
  const boundary = boundaryOf(contentType);
  const parts = framesOf(body, boundary);
  if (parts.length === 0) return { fields: new Map() };
  const parser = createParser({
    headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
    isPartAFile: (_name, _type, filename) => filename !== undefined,
    preservePath: true,
    limits: {
      parts: MAX_MULTIPART_PARTS,
      fields: MAX_MULTIPART_PARTS,
      files: 2, // one more than allowed, so that the second can be named
      fieldSize: MAX_FIELD_BYTES,
      fileSize: MAX_INLINE_BODY_BYTES,
      headerPairs: MAX_MULTIPART_PARTS,
      headerSize: MAX_PART_HEADER_BYTES,
    },
  });
  const read = await settled(parser, body, settleMs);
  return assemble(read, parts);
}

type ReadPart =
  | { readonly name: string; readonly value: string; readonly tooLong: boolean }
  | {
      readonly name: string;
      readonly filename: string;
      readonly mediaType: string;
      readonly stream: BusboyFileStream;
      readonly chunks: Buffer[];
    };

/** Every part in its order, once the parser and each file stream have ended; a RequestError otherwise, and in time. */
function settled(parser: InstanceType<typeof Busboy>, body: Buffer, settleMs: number): Promise<ReadPart[]> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadPart[]>();
  const timer = setTimeout(() => reject(malformed('it does not come to an end')), settleMs);
  const refuse = (cause: unknown) => reject(malformed('it is cut off or not well-formed', cause));
  const read: ReadPart[] = [];
  // The type declares a name for each part; a part without one has none.
  parser.on('field', (name: string | undefined, value, _nameTruncated, valueTruncated) => {
    read.push({ name: name ?? '', value, tooLong: valueTruncated });
  });
  parser.on('file', (name: string | undefined, stream, filename, _encoding, mediaType) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('error', refuse);
    read.push({ name: name ?? '', filename, mediaType, stream, chunks });
  });
  parser.on('error', refuse);
  parser.on('finish', () => resolve(read));
  try {
    parser.end(body);
  } catch (cause) {
    refuse(cause);
  }
  return promise.finally(() => clearTimeout(timer));
}

function assemble(read: readonly ReadPart[], parts: readonly Part[]): Multipart {
  const seen = new Set<string>();
  for (const part of read) {
    if ('stream' in part ? part.name !== 'file' : !TEXT_FIELDS.has(part.name)) throw misplaced(part);
    if (seen.has(part.name)) {
      throw new RequestError('duplicate-field', `The field "${part.name}" is in the form more than once.`);
    }
    seen.add(part.name);
    if ('tooLong' in part && part.tooLong) {
      throw new RequestError('field-too-long', `The field "${part.name}" is longer than ${MAX_FIELD_BYTES} bytes.`);
    }
    if ('stream' in part && part.stream.truncated) {
      throw new RequestError('payload-too-large', `The file is larger than ${MAX_INLINE_BODY_BYTES} bytes.`);
    }
  }
  if (read.length !== parts.length) throw malformed('a part of it has no name');
  return collect(read, parts);
}

function collect(read: readonly ReadPart[], parts: readonly Part[]): Multipart {
  const fields = new Map<string, string>();
  let file: MultipartFile | undefined;
  for (const [index, part] of read.entries()) {
    const frame = parts[index]!;
    if (!('stream' in part)) {
      // The parser believes a charset that the part says it is in, and finds one where other readers see none.
      if (part.value !== frame.content.toString('utf8')) throw malformed('its text fields have to be UTF-8');
      fields.set(part.name, part.value);
      continue;
    }
    const bytes = Buffer.concat(part.chunks);
    // Two readers of one body have to see the same file: a byte more or less would be stored without anybody knowing.
    if (!bytes.equals(frame.content)) throw malformed('its file part is ambiguous');
    const filename = displayName(frame.extendedFilename ?? unescapeQuotes(part.filename));
    if (filename !== '' || bytes.length > 0) file = { filename, mediaType: part.mediaType, bytes };
  }
  return file ? { fields, file } : { fields };
}

function misplaced(part: ReadPart): RequestError {
  if (part.name === 'file') {
    return malformed(
      'its part "file" has no filename parameter, so it is text and not a file: send it as curl -F file=@… does',
    );
  }
  if (TEXT_FIELDS.has(part.name)) {
    return malformed(`its part "${part.name}" is a file and should be text: files go into the part "file"`);
  }
  // A name is the client's own text: quoted, cut and without control characters before it goes back.
  const name = JSON.stringify(part.name.slice(0, 40));
  return new RequestError(
    'unknown-field',
    `The form has a field ${name}; it may have ws-uuid, source-uuid, filename, content and file.`,
  );
}

/** Browsers send these three escaped, as the HTML standard tells them to. */
function unescapeQuotes(filename: string): string {
  return filename.replace(/%0A|%0D|%22/gi, (escaped) => decodeURIComponent(escaped));
}

function displayName(filename: string): string {
  const name = filename.slice(Math.max(filename.lastIndexOf('/'), filename.lastIndexOf('\\')) + 1);
  return name
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_FILENAME_LENGTH)
    .toWellFormed();
}
