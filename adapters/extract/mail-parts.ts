import { SourceFailure } from '../../domain/errors.ts';
import type { Document } from './document.ts';
import { MAX_MAIL_DEPTH, MAX_MAIL_HEADER_BYTES, MAX_MAIL_PARTS } from './limits.ts';
import { type MailHeaders, parameterOf, parseHeaders } from './mail-headers.ts';
import { boundaryIn, createMailLines } from './mail-lines.ts';

/** A message, or a part of one: where it is, and nothing of what is in it. */
export interface MailPart {
  readonly headers: MailHeaders;
  /** In small letters. */
  readonly mediaType: string;
  readonly from: number;
  to: number;
  readonly children: MailPart[];
}

/** A multipart whose end is still to come. */
interface Open {
  readonly part: MailPart;
  readonly boundary: string;
  readonly depth: number;
}

/**
 * Finds the parts of the messages in a file: one, or as many as there are lines `From …` where it begins with such a one.
 * @throws SourceFailure `document-too-deep`, `document-too-many-parts`, `document-too-large`
 */
export function findMailParts(document: Document, onBytes: (bytes: number) => void): MailPart[] {
  const messages: MailPart[] = [];
  const open: Open[] = [];
  /** The part that was begun last, and the messages that it is the last part of. */
  let leaves: MailPart[] = [];
  let parts = 0;
  const lines = createMailLines(document, onBytes);

  /** @returns where the body of the part begins, or that of the message in it. */
  function begin(at: number, siblings: MailPart[], depth: number, usual: string): number {
    parts += 1;
    if (parts > MAX_MAIL_PARTS) throw tooManyParts();
    if (depth > MAX_MAIL_DEPTH) throw tooDeep();
    const { block, end } = readHeaderBlock(document, at, open);
    const headers = parseHeaders(block);
    const type = headers.raw('content-type');
    const mediaType = /^[\w.+-]+\/[\w.+-]+/.exec(type)?.[0].toLowerCase() ?? usual;
    const part: MailPart = { headers, mediaType, from: end, to: document.bytes, children: [] };
    siblings.push(part);
    const boundary = mediaType.startsWith('multipart/') ? parameterOf(type, 'boundary')?.trimEnd() : undefined;
    if (boundary) {
      open.push({ part, boundary, depth: depth + 1 });
      return end;
    }
    leaves.push(part);
    return isMessageInside(part) ? begin(end, part.children, depth + 1, 'text/plain') : end;
  }

  function endLeaves(at: number): void {
    for (const leaf of leaves) leaf.to = Math.max(leaf.from, at);
    leaves = [];
  }

  let at = begin(lines.start, messages, 0, 'text/plain');
  for (let line = lines.next(at, open); line; line = lines.next(at, open)) {
    endLeaves(line.at);
    const owner = line.index === undefined ? undefined : open[line.index];
    const stillOpen = line.index === undefined ? 0 : line.closes ? line.index : line.index + 1;
    for (const { part } of open.splice(stillOpen)) part.to = line.at;
    if (line.index === undefined) at = begin(line.end, messages, 0, 'text/plain');
    else if (line.closes || !owner) at = line.end;
    else at = begin(line.end, owner.part.children, owner.depth, usualIn(owner.part));
  }
  endLeaves(document.bytes);
  onBytes(document.bytes);
  return messages;
}

function usualIn({ mediaType }: MailPart): string {
  return mediaType === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
}

/** A message that was forwarded, in itself: one that is attached is not looked into, nor one that is encoded. */
function isMessageInside({ headers, mediaType }: MailPart): boolean {
  return (
    mediaType === 'message/rfc822' &&
    !/^\s*attachment/i.test(headers.raw('content-disposition')) &&
    !/base64|quoted/i.test(headers.raw('content-transfer-encoding'))
  );
}

const FIRST_READ_BYTES = 4096;

function readHeaderBlock(document: Document, at: number, open: readonly Open[]) {
  for (let size = FIRST_READ_BYTES; ; size *= 4) {
    const text = document.read(at, size).toString('latin1');
    const empty = /^\r?\n|\r?\n\r?\n/.exec(text);
    const block = empty ? text.slice(0, empty.index) : text;
    // A part that is cut off here has no body.
    const cut = [...block.matchAll(/^--.*$/gm)].find(([line]) => boundaryIn(line, open));
    if (cut) return { block: block.slice(0, cut.index), end: at + cut.index };
    if (empty) return { block, end: at + empty.index + empty[0].length };
    if (at + text.length >= document.bytes) return { block, end: document.bytes };
    if (text.length >= MAX_MAIL_HEADER_BYTES) throw headerTooLarge();
  }
}

function tooManyParts(): SourceFailure {
  return new SourceFailure(
    'document-too-many-parts',
    `The message has more than ${MAX_MAIL_PARTS} parts: send its text or its attachments on their own.`,
  );
}

function tooDeep(): SourceFailure {
  return new SourceFailure(
    'document-too-deep',
    `The message has parts more than ${MAX_MAIL_DEPTH} deep inside one another: save the innermost message and send that.`,
  );
}

function headerTooLarge(): SourceFailure {
  const limit = MAX_MAIL_HEADER_BYTES / 2 ** 10;
  return new SourceFailure(
    'document-too-large',
    `The message has a header of more than ${limit} KiB: copy its text and send that.`,
  );
}
