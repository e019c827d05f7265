import { isUtf8 } from 'node:buffer';
import type { Document } from '../../../adapters/extract/document.ts';
import { extractDocument } from '../../../adapters/extract/extract-document.ts';
import { EXTRACT_LIMITS } from '../../../adapters/extract/limits.ts';
import { failureOf } from '../../../adapters/extract/worker-failure.ts';
import type { FuzzDocument } from './corpus.ts';

export interface DocumentVerdict {
  /** Its media type where it has a text, or the code of its failure. */
  readonly end: string;
  readonly textBytes: number;
  /** Undefined where it ended as documents may. */
  readonly wrong?: string;
}

const CODES =
  /^(?:document-(?:empty|encrypted|broken|scanned|too-large|too-many-parts|inflates-too-large|too-deep|memory|timeout)|unsupported-media-type)$/;

/** Longest of all sentences, with the longest name of a media type in it. */
const MAX_SENTENCE_CHARACTERS = 400;

/** What the child does with a document, without the child. */
export async function checkDocument({ filename, bytes }: FuzzDocument): Promise<DocumentVerdict> {
  let textBytes = 0;
  let isText = true;
  try {
    const { textBytes: most, pages } = EXTRACT_LIMITS;
    const done = await extractDocument(
      documentOf(bytes),
      { filename, textBytes: most, pages },
      {
        text(chunk) {
          textBytes += chunk.length;
          isText &&= isUtf8(chunk);
        },
        progress: () => {},
        load: (importing) => importing(),
      },
    );
    const wrong = !isText
      ? 'its text is not UTF-8'
      : textBytes > most
        ? 'its text is larger than it may be'
        : done.words === 0 || done.characters < (done.words ?? 1) || [...done.preview].length > 500
          ? `its figures cannot be: ${JSON.stringify(done)}`
          : undefined;
    return { end: done.mediaType, textBytes, ...(wrong !== undefined && { wrong }) };
  } catch (error) {
    return { ...verdictOn(error), textBytes };
  }
}

function verdictOn(error: unknown): Pick<DocumentVerdict, 'end' | 'wrong'> {
  const failure = failureOf(error);
  if (failure) return sentenceOf(failure.code, failure.error);
  return { end: 'error', wrong: `threw ${error instanceof Error ? error.stack : String(error)}` };
}

export function sentenceOf(code: string, message: string): Pick<DocumentVerdict, 'end' | 'wrong'> {
  if (!CODES.test(code)) return { end: code, wrong: `failed with ${code}, which is no code of a document` };
  if (!/^[A-Z][^\n\r\0]*\.$/.test(message) || message.length > MAX_SENTENCE_CHARACTERS) {
    return { end: code, wrong: `says ${JSON.stringify(message)}, which is no sentence for a person` };
  }
  if (!ADVICE.test(message)) return { end: code, wrong: `says ${JSON.stringify(message)}, and not what to do` };
  return { end: code };
}

/** What a person is told to do. */
const ADVICE =
  /: (?:split|save|remove|simplify|decrypt|shorten|copy|send|check)|text recognition first|text is taken from|only a copy without/;

const CHUNK_BYTES = 256 * 1024;

function documentOf(all: Buffer): Document {
  // A copy, as a file gives it: what a reader does to it must not show in the next case.
  const read = (position: number, length: number) =>
    Buffer.from(all.subarray(position, position + Math.max(0, length)));
  return {
    bytes: all.length,
    read,
    *chunks(from = 0) {
      for (let at = from; at < all.length; at += CHUNK_BYTES) {
        const chunk = read(at, CHUNK_BYTES);
        yield { chunk, at: at + chunk.length };
      }
    },
  };
}
