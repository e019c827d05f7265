/** How a fetch that broke off goes on where it was: RFC 9110, sections 8.8, 13.1.5 and 14. */

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What proves that the rest is the rest of the same bytes. */
export interface Resumable {
  /** For `If-Range`: a strong ETag, or a Last-Modified that is as good. */
  readonly validator: string;
  /** As the first answer had them, strong or weak; empty where it had none. A server may not know If-Range. */
  readonly etag: string;
  readonly lastModified: string;
  readonly totalBytes: number | undefined;
}

/** Two changes within the second that Last-Modified can tell look like one; a minute allows for clocks that differ, too. */
const LAST_MODIFIED_STRONG_AFTER_MS = 60_000;

/** @returns undefined where the server cannot go on, or nothing would prove that it went on with the same content. */
export function resumableOf(headers: Headers, totalBytes: number | undefined): Resumable | undefined {
  if (textOf(headers['accept-ranges']).toLowerCase() === 'none') return undefined;
  const validator = strongValidatorOf(headers);
  if (validator === undefined) return undefined;
  return { validator, etag: textOf(headers.etag), lastModified: textOf(headers['last-modified']), totalBytes };
}

function strongValidatorOf(headers: Headers): string | undefined {
  const etag = textOf(headers.etag);
  // W/"…" says only that it means the same: its bytes may differ.
  if (/^"[\x21\x23-\x7e\x80-\xff]*"$/.test(etag)) return etag;
  const modified = textOf(headers['last-modified']);
  const age = Date.parse(textOf(headers.date)) - Date.parse(modified);
  return age >= LAST_MODIFIED_STRONG_AFTER_MS ? modified : undefined;
}

export function rangeHeaders({ validator }: Resumable, from: number): Record<string, string> {
  return { range: `bytes=${from}-`, 'if-range': validator };
}

/**
 * Whether an answer of 206 is the rest that was asked for, and nothing else.
 * @returns how many bytes there are with it, which have to be counted; undefined where it is anything else.
 */
export function endOfRest(headers: Headers, resumable: Resumable, from: number): number | undefined {
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(textOf(headers['content-range'])) ?? [];
  if (first === undefined || Number(first) !== from) return undefined;
  // A server that does not know the total says nothing of the end.
  const end = total === '*' ? resumable.totalBytes : Number(total);
  if (end === undefined || end !== (resumable.totalBytes ?? end) || Number(last) !== end - 1) return undefined;
  return isPlain(headers) && isSameVersion(headers, resumable) ? end : undefined;
}

/** Nothing but the bytes: an encoding of its own would begin in the middle of the content, and several parts have headers each. */
function isPlain(headers: Headers): boolean {
  if (!/^(?:identity)?$/i.test(textOf(headers['content-encoding']))) return false;
  return !/^multipart\/byteranges\b/i.test(textOf(headers['content-type']));
}

function isSameVersion(headers: Headers, { etag, lastModified }: Resumable): boolean {
  const same = (text: string, before: string) => text === '' || text === before;
  return same(textOf(headers.etag), etag) && same(textOf(headers['last-modified']), lastModified);
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header.trim() : '';
}
