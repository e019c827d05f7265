import type { Load } from './load.ts';

/** Text in one markup in, the text that a person reads out, as it comes. */
export interface TextReader {
  write(text: string): void;
  /** Nothing may be written after it. */
  end(): { readonly title?: string };
}

/** The reader of each kind of text, loaded only for a document that needs it. */
export async function textReaderOf(mediaType: string, out: (text: string) => void, load: Load): Promise<TextReader> {
  switch (mediaType) {
    case 'text/html':
      return (await load(() => import('./html-text.ts'))).createHtmlText(out);
    case 'application/xml':
      return (await load(() => import('./xml-text.ts'))).createXmlText(out);
    case 'text/csv':
      return (await load(() => import('./csv-text.ts'))).createCsvText(out);
    case 'text/markdown':
      return asItIs(out, (start) => /^#{1,6} +(.+?)[ #]*$/m.exec(start)?.[1]);
    default:
      return asItIs(out, () => undefined);
  }
}

/** A document that has its title further down than this has none. */
const HEADING_CHARACTERS = 16 * 1024;

function asItIs(out: (text: string) => void, titleOf: (start: string) => string | undefined): TextReader {
  let start = '';
  return {
    write(text) {
      if (start.length < HEADING_CHARACTERS) start += text.slice(0, HEADING_CHARACTERS);
      out(text);
    },
    end() {
      const title = titleOf(start);
      return title === undefined ? {} : { title };
    },
  };
}
