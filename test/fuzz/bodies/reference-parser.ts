import { MAX_FILENAME_LENGTH } from '../../../domain/limits.ts';

export interface ReferenceForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file?: { readonly filename: string; readonly mediaType: string; readonly bytes: Buffer };
}

/**
 * A second reader of multipart bodies, as plain as it can be: the whole body as one string of bytes, cut at its boundaries.
 * It shares no line with the one that is tested, and is no judge of what has to be refused: it reads what it can, and throws
 * where it cannot. What the tested one accepts, both have to read the same.
 */
export function readForm(contentType: string, body: Buffer): ReferenceForm {
  const boundary = parametersOf(contentType, /./).get('boundary');
  if (!boundary) throw new Error('no boundary');
  // A line break before the first boundary makes it one like any other.
  const [, ...segments] = `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`);
  const closing = segments.findIndex((segment) => segment.startsWith('--'));
  if (closing === -1) throw new Error('no closing boundary');
  const fields: Record<string, string> = Object.create(null);
  let file: ReferenceForm['file'];
  for (const segment of segments.slice(0, closing)) {
    const part = partOf(segment);
    if (part.filename === undefined) fields[part.name] = part.content.toString('utf8');
    else if (part.filename !== '' || part.content.length > 0) {
      file = { filename: part.filename, mediaType: part.mediaType, bytes: part.content };
    }
  }
  return { fields: { ...fields }, ...(file && { file }) };
}

function partOf(segment: string) {
  const blank = segment.indexOf('\r\n\r\n');
  if (!segment.startsWith('\r\n') || blank === -1) throw new Error('a part without headers');
  const headers = new Map<string, string>();
  for (const line of segment.slice(2, blank).split('\r\n')) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const parameters = parametersOf(headers.get('content-disposition') ?? '', /["\\]/);
  const name = parameters.get('name');
  if (name === undefined) throw new Error('a part without a name');
  return {
    name: utf8(name),
    content: Buffer.from(segment.slice(blank + 4), 'latin1'),
    mediaType: (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase(),
    filename: filenameOf(parameters),
  };
}

/**
 * One character after the other. Space outside of quotes means nothing.
 * @param escaped what a backslash in quotes protects. By the letter anything; in a part's headers, a quote and a backslash: before
 * anything else it is one of a folder's, as browsers send it.
 */
function parametersOf(header: string, escaped: RegExp): Map<string, string> {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (let at = 0; at < header.length; at += 1) {
    const sign = header[at]!;
    if (sign === '"') quoted = !quoted;
    else if (sign === ';' && !quoted) {
      pieces.push(piece);
      piece = '';
    } else if (sign === '\\' && quoted && escaped.test(header[at + 1] ?? '')) piece += header[++at];
    else if (quoted || !/[ \t]/.test(sign)) piece += sign;
  }
  const parameters = new Map<string, string>();
  for (const each of [...pieces, piece].slice(1)) {
    const equals = each.indexOf('=');
    if (equals > 0) parameters.set(each.slice(0, equals).toLowerCase(), each.slice(equals + 1));
  }
  return parameters;
}

function filenameOf(parameters: Map<string, string>): string | undefined {
  const extended = parameters.get('filename*');
  const plain = parameters.get('filename');
  if (extended === undefined && plain === undefined) return undefined;
  const whole =
    extended === undefined
      ? utf8(plain!)
          .replace(/%22/g, '"')
          .replace(/%0d|%0a/gi, '\n')
      : decodeURIComponent(extended.split("'").slice(2).join("'"));
  const last = whole.split(/[/\\]/).at(-1)!;
  return last
    .replace(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_FILENAME_LENGTH)
    .toWellFormed();
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
