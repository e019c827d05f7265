import { RequestError } from '../../domain/errors.ts';
import { MAX_MULTIPART_PARTS } from '../../domain/limits.ts';

/**
 * What the parser is never shown. A parser that meets a body cut short, a part without headers or a header that it does
 * not understand guesses, skips or waits; so the frame of the body is checked here first, and only a body with one
 * possible reading goes on. Nothing here looks at what is inside a part.
 */

export interface Part {
  /** What the parser's result is held against. */
  readonly content: Buffer;
  /** `filename*`, decoded. .NET sends it beside a `filename` that it garbled, so it is the one to believe. */
  readonly extendedFilename?: string;
}

/** A part's headers are a disposition with one file name and a media type. */
export const MAX_PART_HEADER_BYTES = 8 * 1024;

const CRLF = '\r\n';
const HEADER_LINE = /^([0-9A-Za-z-]+):[ \t]*([^\0\r\n]*)$/;
/** RFC 2046: 1 to 70 of these, the last not a space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;

/** @throws RequestError `unsupported-content-type`, `malformed-multipart` */
export function boundaryOf(contentType: string | undefined): string {
  if (contentType === undefined || !/^\s*multipart\/form-data\s*(;|$)/i.test(contentType)) {
    throw new RequestError('unsupported-content-type', 'Send the upload as multipart/form-data, as curl -F does.');
  }
  const starts = [...contentType.matchAll(/;\s*boundary\s*=\s*/gi)];
  const from = starts[0] ? starts[0].index + starts[0][0].length : 0;
  // Where anything stands behind the value, a space in it without quotes, say, readers differ in what it is.
  const found = /^(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*(?:;|$)/.exec(contentType.slice(from));
  const boundary = found?.[1]?.replace(/\\(.)/g, '$1') ?? found?.[2];
  if (starts.length !== 1 || boundary === undefined || !BOUNDARY.test(boundary)) {
    throw malformed(
      'its Content-Type header needs one boundary parameter. Most HTTP clients add it when Content-Type is not set by hand',
    );
  }
  return boundary;
}

/** @throws RequestError `too-many-parts`, `malformed-multipart` */
export function framesOf(body: Buffer, boundary: string): Part[] {
  if (body.length === 0) throw malformed('it is empty');
  const dashed = `--${boundary}`;
  let at = body.subarray(0, dashed.length).equals(Buffer.from(dashed)) ? 0 : body.indexOf(CRLF + dashed) + 2;
  if (at === 1) throw malformed('its boundary does not occur in it');
  const parts: { start: number; end: number }[] = [];
  while (true) {
    const after = at + dashed.length;
    const next = body.toString('latin1', after, after + 2);
    if (next === '--') break;
    if (next !== CRLF) throw malformed('a line with its boundary does not end in CRLF');
    const end = body.indexOf(CRLF + dashed, after);
    if (end === -1) throw malformed('it is cut off before its closing boundary');
    if (parts.push({ start: after + 2, end }) > MAX_MULTIPART_PARTS) {
      throw new RequestError('too-many-parts', `The form has more than ${MAX_MULTIPART_PARTS} parts.`);
    }
    at = end + 2;
  }
  return parts.map(({ start, end }) => readPart(body, start, end));
}

function readPart(body: Buffer, start: number, end: number): Part {
  const blank = body.subarray(start, Math.min(end, start + MAX_PART_HEADER_BYTES + 4)).indexOf(CRLF + CRLF);
  if (blank === -1) throw malformed(`a part has no headers, or more than ${MAX_PART_HEADER_BYTES} bytes of them`);
  const headers = readHeaders(body.toString('utf8', start, start + blank));
  const disposition = headers.get('content-disposition');
  const shape = disposition === undefined ? undefined : DISPOSITION.exec(disposition);
  if (!shape) throw malformed('each part needs the header Content-Disposition: form-data; name="…"');
  if (!/^(7bit|8bit|binary)?$/i.test(headers.get('content-transfer-encoding') ?? '')) {
    throw malformed('its parts have to be sent as they are, without a Content-Transfer-Encoding');
  }
  const extended = shape.groups?.extended;
  return {
    content: body.subarray(start + blank + 4, end),
    ...(extended !== undefined && { extendedFilename: decodeExtended(extended) }),
  };
}

/** The forms that browsers, curl and the HTTP libraries send; each parameter at most once, `name` first. */
const VALUE = /"(?:[^"\\\r\n]|\\.)*"|[!#$%&'*+.^_`|~0-9A-Za-z-]+/.source;
const DISPOSITION = new RegExp(
  `^form-data; *name=(?:${VALUE})(?:; *filename=(?<filename>${VALUE}))?(?:; *filename\\*=(?<extended>[0-9A-Za-z!#$&+.^_\`|~%'-]+))?[ \\t]*;?$`,
  'i',
);

function readHeaders(block: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of block.split(CRLF)) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) throw malformed('a header line of a part is not "name: value"');
    if (headers.has(name.toLowerCase())) throw malformed('a part has the same header twice');
    headers.set(name.toLowerCase(), value.trimEnd());
  }
  return headers;
}

function decodeExtended(value: string): string {
  try {
    const encoded = /^utf-8'[^']*'(.*)$/i.exec(value)?.[1];
    if (encoded !== undefined) return decodeURIComponent(encoded);
  } catch {
    // Not percent-encoded UTF-8: the same answer as for another charset.
  }
  throw malformed("a part's filename* is not UTF-8");
}

export function malformed(why: string, cause?: unknown): RequestError {
  return new RequestError('malformed-multipart', `The multipart body cannot be read: ${why}.`, { cause });
}
