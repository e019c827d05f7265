import { MAX_RTF_FONTS } from './limits.ts';
import { encodingOfCharacterSet, encodingOfCodePage } from './rtf-charsets.ts';
import { createDecoder, type Decoder } from './text-decoder.ts';

/** What bytes mean: by the font that they are written in, else by the code page of the document. */
export interface RtfFonts {
  /** A control word in the table of fonts. */
  define(word: string, parameter: number | undefined): void;
  /** @returns whether the word is about all of the document. */
  document(word: string, parameter: number | undefined): boolean;
  decode(bytes: string, font: number | undefined): string;
}

export function createRtfFonts(): RtfFonts {
  let documentEncoding = encodingOfCodePage(1252);
  let defaultFont: number | undefined;
  let defined = 0;
  const encodingOfFont = new Map<number, string>();
  const decoders = new Map<string, Decoder>();

  return {
    define(word, parameter = 0) {
      if (word === 'f') defined = parameter;
      const encoding =
        word === 'fcharset'
          ? encodingOfCharacterSet(parameter)
          : word === 'cpg'
            ? encodingOfCodePage(parameter)
            : undefined;
      if (encoding !== undefined && encodingOfFont.size < MAX_RTF_FONTS) encodingOfFont.set(defined, encoding);
    },
    document(word, parameter) {
      if (word === 'ansicpg') documentEncoding = encodingOfCodePage(parameter ?? 1252);
      else if (word === 'mac') documentEncoding = encodingOfCodePage(10000);
      else if (word === 'deff') defaultFont = parameter;
      else return false;
      return true;
    },
    decode(bytes, font) {
      if (/^[ -~]*$/.test(bytes)) return bytes;
      const label = encodingOfFont.get(font ?? defaultFont ?? -1) ?? documentEncoding;
      const decoder = decoders.get(label) ?? createDecoder(label);
      decoders.set(label, decoder);
      return decoder
        .decode(Buffer.from(bytes, 'latin1'))
        .replaceAll('\t', ' ')
        .replace(/\p{Cc}/gu, '');
    },
  };
}
