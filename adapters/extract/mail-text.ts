import { SourceFailure } from '../../domain/errors.ts';
import { countUtf8, isMostlyUtf8 } from './byte-scan.ts';
import type { Document } from './document.ts';
import { createHtmlText } from './html-text.ts';
import { SAMPLE_BYTES } from './limits.ts';
import type { Load } from './load.ts';
import { parameterOf } from './mail-headers.ts';
import { findMailParts, type MailPart } from './mail-parts.ts';
import { createTransferDecoder } from './mail-transfer.ts';
import { createDecoder } from './text-decoder.ts';
import { isDeclaredRightly } from './text-encoding.ts';

export interface MailTextOptions {
  write(text: string): void;
  onBytes(bytes: number): void;
  readonly load: Load;
}

/** In this order, where a message has them. */
const SHOWN = ['Subject', 'From', 'To', 'Cc', 'Date'];

/** Each of them says that another part was not changed on the way, and has no text. */
const SIGNATURE = /^application\/(?:pgp-signature|(?:x-)?pkcs7-signature)$/;

/**
 * A message as a person reads it: who, to whom, when and what about, its text, and the names of what is attached. Of the same
 * text in two forms the plain one is taken. Messages that were forwarded inside it follow in the same way.
 * @throws SourceFailure `document-encrypted`, and what findMailParts and the reader of HTML throw
 */
export async function readMail(
  document: Document,
  { write, onBytes, load }: MailTextOptions,
): Promise<{ readonly title?: string }> {
  const messages = findMailParts(document, onBytes);
  let pageTitle: string | undefined;
  let blank = false;
  /** Something that an empty line stands before, if it is not the first. */
  const paragraph = (text: string) => {
    write(blank ? `\n${text}` : text);
    blank = true;
  };

  async function showMessage(message: MailPart): Promise<void> {
    const header = SHOWN.map((name) => [name, message.headers.text(name.toLowerCase())] as const);
    const lines = header.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${value}\n`);
    if (lines.length > 0) paragraph(lines.join(''));
    const attached: string[] = [];
    await show(message, attached);
    if (attached.length > 0) paragraph(attached.map((name) => `Attachment: ${name}\n`).join(''));
  }

  async function show(part: MailPart, attached: string[]): Promise<void> {
    if (part.mediaType === 'multipart/alternative') {
      const chosen = choose(document, part.children);
      if (chosen) await show(chosen, attached);
    } else if (part.mediaType.startsWith('multipart/') && part.children.length === 0) {
      // Its boundary is missing, or another one: all of it is better than nothing.
      await showText(part);
    } else if (part.mediaType.startsWith('multipart/')) {
      for (const child of part.children) if (!isResource(child, part)) await show(child, attached);
    } else if (part.children.length > 0) {
      for (const child of part.children) await showMessage(child);
    } else if (isText(part)) await showText(part);
    else if (!SIGNATURE.test(part.mediaType) && !isPicture(part)) attached.push(nameOf(part));
  }

  async function showText(part: MailPart): Promise<void> {
    const label = await labelOf(document, part, load);
    const decoder = createDecoder(label);
    const out = trimmed(paragraph, write);
    const html = part.mediaType === 'text/html' ? createHtmlText(out.write) : undefined;
    const take = html ? html.write : (text: string) => out.write(text.replaceAll('\r', ''));
    for (const bytes of bodyOf(document, part)) take(decoder.decode(bytes, { stream: true }));
    take(decoder.decode());
    const ended = html?.end();
    pageTitle ??= ended?.title;
    out.end();
  }

  for (const message of messages) {
    refuseEncrypted(message);
    await showMessage(message);
  }
  const title = messages[0]?.headers.text('subject') || pageTitle;
  return title ? { title } : {};
}

/** More space than this before the end of a text is not held until something follows it. */
const MAX_SPACE_CHARACTERS = 1_000;

/** Passes a text on without the empty lines around it, and with a line break at its end. */
function trimmed(first: (text: string) => void, then: (text: string) => void) {
  let started = false;
  let space = '';
  return {
    write(text: string) {
      const words = text.trimEnd();
      if (words === '') {
        if (space.length < MAX_SPACE_CHARACTERS) space += text;
        return;
      }
      if (started) then(space + words);
      else first(words.trimStart());
      started = true;
      space = text.slice(words.length);
    },
    end() {
      if (started) then('\n');
    },
  };
}

function refuseEncrypted({ mediaType, headers }: MailPart): void {
  const type = headers.raw('content-type');
  const sealed = /^application\/(?:x-)?pkcs7-mime$/.test(mediaType) && !/signed-data/i.test(type);
  if (mediaType !== 'multipart/encrypted' && !sealed) return;
  throw new SourceFailure(
    'document-encrypted',
    'The message is encrypted: decrypt it in your mail program, and send it as it is shown there.',
  );
}

function isAttached({ headers }: MailPart): boolean {
  return /^\s*attachment/i.test(headers.raw('content-disposition'));
}

function isText(part: MailPart): boolean {
  if (isAttached(part)) return false;
  return part.mediaType === 'text/plain' || part.mediaType === 'text/html' || (isOtherText(part) && !fileNameOf(part));
}

function isOtherText({ mediaType }: MailPart): boolean {
  return mediaType.startsWith('text/') && mediaType !== 'text/calendar';
}

/** One that a page shows where it stands. */
function isPicture(part: MailPart): boolean {
  return part.mediaType.startsWith('image/') && part.headers.has('content-id') && !isAttached(part);
}

/** What a page that was saved as one file needs to be shown: pictures, styles, lists of them. */
function isResource(child: MailPart, { mediaType, children }: MailPart): boolean {
  const isPageItself = child === (children.find(hasPage) ?? children[0]);
  return (
    mediaType === 'multipart/related' && !isPageItself && child.headers.has('content-location') && !isAttached(child)
  );
}

function fileNameOf({ headers }: MailPart): string | undefined {
  return (
    parameterOf(headers.raw('content-disposition'), 'filename') ?? parameterOf(headers.raw('content-type'), 'name')
  );
}

function nameOf(part: MailPart): string {
  const name = fileNameOf(part)
    ?.replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return name ? `${name} (${part.mediaType})` : part.mediaType;
}

/** The plain text, unless there is nothing in it; else the last one that is a page, as its sender likes that best. */
function choose(document: Document, parts: readonly MailPart[]): MailPart | undefined {
  const plain = parts.find((part) => part.mediaType === 'text/plain' && !isAttached(part) && hasText(document, part));
  return plain ?? parts.findLast(hasPage) ?? parts[0];
}

function hasText(document: Document, part: MailPart): boolean {
  for (const bytes of bodyOf(document, part)) {
    if (bytes.toString('latin1').trim() !== '') return true;
  }
  return false;
}

function hasPage(part: MailPart): boolean {
  return part.mediaType === 'text/html' || part.children.some(hasPage);
}

const CHUNK_BYTES = 64 * 1024;

function* bodyOf(document: Document, { headers, from, to }: MailPart): Generator<Buffer> {
  const decoder = createTransferDecoder(headers.raw('content-transfer-encoding').toLowerCase());
  for (let at = from; at < to; at += CHUNK_BYTES) {
    yield decoder.decode(document.read(at, Math.min(CHUNK_BYTES, to - at)));
  }
  yield decoder.end();
}

/** What the part declares is believed where its start is that; UTF-8 beyond ASCII is nothing else by chance. */
async function labelOf(document: Document, part: MailPart, load: Load): Promise<string> {
  const sample = sampleOf(document, part);
  const declared = parameterOf(part.headers.raw('content-type'), 'charset') ?? '';
  const ascii = !sample.some((byte) => byte > 0x7f);
  const utf8 = countUtf8(sample);
  if (!ascii && isMostlyUtf8(utf8)) return 'utf-8';
  if (declared !== '' && isDeclaredRightly(declared, sample, utf8)) return declared;
  if (ascii) return 'utf-8';
  const { charsetOf } = await load(() => import('./charset.ts'));
  return charsetOf(sample);
}

function sampleOf(document: Document, part: MailPart): Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for (const chunk of bodyOf(document, part)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= SAMPLE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, SAMPLE_BYTES);
}
