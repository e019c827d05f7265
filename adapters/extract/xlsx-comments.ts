import { commentBy } from './block-text.ts';
import type { SheetOutput } from './sheet-output.ts';
import type { XmlHandler } from './xml-reader.ts';

/** Comments on a sheet, with the cell that each is about, after its rows. */
export function createXlsxComments(output: SheetOutput): XmlHandler {
  let inText = false;
  let written = false;
  let cell = '';

  function write(text: string): void {
    const words = text.replace(/\s+/g, ' ');
    if (!written) output.line();
    output.write(written ? words : `${commentBy(cell)}${words.trimStart()}`);
    written = true;
  }

  return {
    open(name, attribute) {
      if (name === 's:comment' || name === ':threadedComment') {
        cell = attribute('ref') ?? '';
        written = false;
      }
      inText = name === 's:t' || name === ':text';
      return undefined;
    },
    close() {
      inText = false;
    },
    text(part) {
      if (inText && (written || part.trim() !== '')) write(part);
    },
  };
}
