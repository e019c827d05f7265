import { SourceFailure } from '../../domain/errors.ts';
import { PREVIEW_CHARACTERS } from '../../domain/limits.ts';
import { languageOf } from './language.ts';

export interface TextSink {
  write(text: string): void;
  /** Nothing may be written after it. */
  end(): {
    readonly words: number;
    readonly characters: number;
    readonly preview: string;
    readonly language?: string;
  };
}

/** Characters held before they are counted and written: single words would be far too many writes. */
const FLUSH_CHARACTERS = 64 * 1024;

/** Counts what goes through, keeps the start of it, and refuses more than `maxBytes`. */
export function createTextSink(write: (bytes: Buffer) => void, maxBytes: number): TextSink {
  let pending = '';
  let bytes = 0;
  let words = 0;
  let characters = 0;
  let inWord = false;
  let start = '';

  function count(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index);
      // The second half of a surrogate pair is no character of its own.
      if (code < 0xdc00 || code > 0xdfff) characters += 1;
      const space = isSpace(code);
      if (inWord === space) {
        inWord = !space;
        if (inWord) words += 1;
      }
    }
  }

  function flush(text: string): void {
    if (text === '') return;
    const encoded = Buffer.from(text);
    bytes += encoded.length;
    if (bytes > maxBytes) {
      const limit = Math.floor(maxBytes / 2 ** 20);
      throw new SourceFailure('document-too-large', `The document has more than ${limit} MiB of text: split it.`);
    }
    count(text);
    // Twice the length covers a preview of surrogate pairs alone.
    if (start.length < 2 * PREVIEW_CHARACTERS) {
      start = (start + text.slice(0, 4 * PREVIEW_CHARACTERS + FLUSH_CHARACTERS))
        .trimStart()
        .slice(0, 4 * PREVIEW_CHARACTERS);
    }
    write(encoded);
  }

  return {
    write(text) {
      pending += text;
      if (pending.length < FLUSH_CHARACTERS) return;
      // The two halves of a character have to be encoded together.
      const end = isHighSurrogate(pending.charCodeAt(pending.length - 1)) ? pending.length - 1 : pending.length;
      flush(pending.slice(0, end));
      pending = pending.slice(end);
    },
    end() {
      flush(pending);
      pending = '';
      if (words === 0)
        throw new SourceFailure(
          'document-empty',
          'There is no text in this document: text in pictures needs text recognition first.',
        );
      const language = languageOf(start);
      return {
        words,
        characters,
        preview: [...start].slice(0, PREVIEW_CHARACTERS).join('').trimEnd().toWellFormed(),
        ...(language !== undefined && { language }),
      };
    },
  };
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** As `\s` has it, and a hundred times as fast as asking it. Control characters separate words too. */
function isSpace(code: number): boolean {
  if (code <= 0x20) return true;
  if (code < 0xa0) return false;
  return (
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}
