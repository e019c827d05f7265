/** How a fetch that broke off goes on where it was: RFC 9110, sections 8.8, 13.1.5 and 14. */

export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What proves that the rest is the rest of the same bytes. */
export interface Resumable {
  /** For `If-Range`: a strong ETag, or a Last-Modified that is as good. */
  readonly validator: string;
  readonly totalBytes: number | undefined;
}

/** Two changes within the second that Last-Modified can tell look like one; a minute allows for clocks that differ, too. */
const LAST_MODIFIED_STRONG_AFTER_MS = 60_000;

/** @returns undefined where the server cannot go on, or nothing would prove that it went on with the same content. */
export function resumableOf(headers: Headers, totalBytes: number | undefined): Resumable | undefined {
  if (textOf(headers['accept-ranges']).toLowerCase() === 'none') return undefined;
  const validator = strongValidatorOf(headers);
  return validator === undefined ? undefined : { validator, totalBytes };
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

/** Whether an answer of 206 is the rest that was asked for, and nothing else. */
export function continues(headers: Headers, { validator, totalBytes }: Resumable, from: number): boolean {
  const [, first, last, total] =
    /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(textOf(headers['content-range'])) ?? [];
  if (first === undefined || Number(first) !== from) return false;
  if (total !== '*' && (Number(last) !== Number(total) - 1 || Number(total) !== (totalBytes ?? Number(total))))
    return false;
  if (total === '*' && totalBytes !== undefined && Number(last) !== totalBytes - 1) return false;
  // An encoding of its own would begin in the middle of the content.
  if (!/^(?:identity)?$/i.test(textOf(headers['content-encoding']))) return false;
  const etag = textOf(headers.etag);
  return etag === '' || !validator.startsWith('"') || etag === validator;
}

function textOf(header: string | string[] | undefined): string {
  return typeof header === 'string' ? header.trim() : '';
}
