import { type Block, type BlockText, commentBy } from './block-text.ts';
import { createDocxBody } from './docx-body.ts';
import type { DocxStyles } from './docx-styles.ts';
import { MAX_HELD_ENTRIES } from './limits.ts';
import { tooManyEntries } from './ooxml.ts';
import type { XmlHandler } from './xml-reader.ts';

type Kind = 'footnotes' | 'endnotes' | 'comments';

export interface DocxNotes {
  /** @returns what stands in the text for that note, `[^1]`, numbered in the order of the text. */
  mark(kind: 'footnotes' | 'endnotes', id: string): string;
  /** Writes the notes of a part that were marked, and all comments. */
  reader(kind: Kind, styles: DocxStyles): XmlHandler;
}

/** Footnotes as Markdown has them, after the text that they belong to. */
export function createDocxNotes(block: BlockText): DocxNotes {
  const numbers = new Map<string, number>();

  function mark(kind: Kind, id: string): string {
    const key = `${kind} ${id}`;
    const known = numbers.get(key);
    if (known === undefined && numbers.size === MAX_HELD_ENTRIES) throw tooManyEntries();
    const number = known ?? numbers.size + 1;
    numbers.set(key, number);
    return `[^${number}]`;
  }

  function reader(kind: Kind, styles: DocxStyles): XmlHandler {
    let prefix = '';
    const paragraph = (): Block => ({ prefix, list: 'notes' });
    const body = createDocxBody({ block, styles, mark, paragraph });
    return {
      ...body,
      open(name, attribute) {
        if (name === 'w:footnote' || name === 'w:endnote') {
          const number = numbers.get(`${kind} ${attribute('w:id')}`);
          // The lines above notes are notes as well, which nothing refers to.
          if (number === undefined) return 'skip';
          prefix = `[^${number}]: `;
        }
        if (name === 'w:comment') prefix = commentBy(attribute('w:author'));
        return body.open(name, attribute);
      },
      close(name) {
        body.close?.(name);
        if (name === 'w:p') prefix = '';
      },
    };
  }

  return { mark, reader };
}
