import { MAX_RTF_FONTS, MAX_TITLE_CHARACTERS } from './limits.ts';
import { encodingOfCharacterSet, encodingOfCodePage } from './rtf-charsets.ts';
import { hasSigns, symbolOf } from './symbol-fonts.ts';
import { createDecoder, type Decoder } from './text-decoder.ts';

/** What bytes mean: by the font that they are written in, else by the code page of the document. */
export interface RtfFonts {
  /** A control word in the table of fonts. */
  define(word: string, parameter: number | undefined): void;
  name(part: string): void;
  /** @returns whether the word is about all of the document. */
  document(word: string, parameter: number | undefined): boolean;
  decode(bytes: string, font: number | undefined): string;
  /** One character of Unicode, or a sign where Word puts those of such a font. */
  character(code: number, font: number | undefined): string;
}

/** Of a font that has signs in the places of letters. */
const SYMBOLS = 2;

export function createRtfFonts(): RtfFonts {
  let documentEncoding = encodingOfCodePage(1252);
  let defaultFont: number | undefined;
  let defined = 0;
  const encodingOfFont = new Map<number, string>();
  const decoders = new Map<string, Decoder>();
  const symbolFonts = new Map<number, string>();

  function symbolFontOf(font: number | undefined): string | undefined {
    const name = symbolFonts.get(font ?? defaultFont ?? -1)?.replace(/;$/, '');
    return name !== undefined && hasSigns(name) ? name : undefined;
  }

  const symbol = (font: string, code: number) => symbolOf(font, code.toString(16));

  return {
    define(word, parameter = 0) {
      if (word === 'f') defined = parameter;
      if (word === 'fcharset' && parameter === SYMBOLS && symbolFonts.size < MAX_RTF_FONTS)
        symbolFonts.set(defined, '');
      const encoding =
        word === 'fcharset'
          ? encodingOfCharacterSet(parameter)
          : word === 'cpg'
            ? encodingOfCodePage(parameter)
            : undefined;
      if (encoding !== undefined && encodingOfFont.size < MAX_RTF_FONTS) encodingOfFont.set(defined, encoding);
    },
    name(part) {
      const known = symbolFonts.get(defined);
      if (known === undefined || known.endsWith(';') || known.length > MAX_TITLE_CHARACTERS) return;
      symbolFonts.set(defined, known + part.trim());
    },
    document(word, parameter) {
      if (word === 'ansicpg') documentEncoding = encodingOfCodePage(parameter ?? 1252);
      else if (word === 'mac') documentEncoding = encodingOfCodePage(10000);
      else if (word === 'deff') defaultFont = parameter;
      else return false;
      return true;
    },
    decode(bytes, font) {
      const symbolFont = symbolFontOf(font);
      if (symbolFont !== undefined) return bytes.replace(/./gs, (byte) => symbol(symbolFont, byte.charCodeAt(0)));
      if (/^[ -~]*$/.test(bytes)) return bytes;
      const label = encodingOfFont.get(font ?? defaultFont ?? -1) ?? documentEncoding;
      const decoder = decoders.get(label) ?? createDecoder(label);
      decoders.set(label, decoder);
      return decoder
        .decode(Buffer.from(bytes, 'latin1'))
        .replaceAll('\t', ' ')
        .replace(/\p{Cc}/gu, '');
    },
    character(code, font) {
      const isSign = code >= 0xf000 && code <= 0xf0ff;
      const symbolFont = isSign ? symbolFontOf(font) : undefined;
      return symbolFont === undefined ? String.fromCharCode(code) : symbol(symbolFont, code);
    },
  };
}
