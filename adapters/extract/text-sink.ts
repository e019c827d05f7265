import { SourceFailure } from '../../domain/errors.ts';
import { PREVIEW_CHARACTERS } from '../../domain/limits.ts';
import { hasControls, withoutControls } from './control-signs.ts';
import { languageOf } from './language.ts';
import { createWordCount } from './word-count.ts';

export interface TextSink {
  write(text: string): void;
  /** Nothing may be written after it. */
  end(): {
    /** Left out where nobody can count them. */
    readonly words?: number;
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
  const counted = createWordCount();
  let start = '';

  function flush(found: string): void {
    // A document may name characters that no text has, by their number; what was decoded has none.
    const text = hasControls(found) ? withoutControls(found) : found;
    if (text === '') return;
    const encoded = Buffer.from(text);
    bytes += encoded.length;
    if (bytes > maxBytes) {
      const limit = Math.floor(maxBytes / 2 ** 20);
      throw new SourceFailure('document-too-large', `The document has more than ${limit} MiB of text: split it.`);
    }
    counted.add(text);
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
      if (!counted.hasWords)
        throw new SourceFailure(
          'document-empty',
          'There is no text in this document: text in pictures needs text recognition first.',
        );
      const language = languageOf(start);
      const { words, characters } = counted;
      return {
        ...(words !== undefined && { words }),
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
