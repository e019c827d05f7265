import { SourceFailure } from '../../domain/errors.ts';
import { type Block, type BlockText, commentBy, createBlockText } from './block-text.ts';
import { MAX_HELD_CHARACTERS, MAX_TITLE_CHARACTERS } from './limits.ts';

/** Notes and comments stand inside the paragraph that they are about: they are held until all of the text is out. */
export interface HeldNotes {
  /** Whether one is being read. */
  readonly open: boolean;
  /** @returns what stands in the text for the next note, `[^1]`. */
  mark(): string;
  /** @returns where its text goes. */
  begin(isNote: boolean): BlockText;
  /** What a paragraph is inside a note or comment; undefined outside. */
  paragraph(): Block | undefined;
  openAuthor(): void;
  closeAuthor(): void;
  /** @returns whether that was the name of somebody who comments. */
  author(part: string): boolean;
  close(): void;
  /** Writes those that were read. */
  flush(block: BlockText): void;
}

export function createHeldNotes(): HeldNotes {
  let held: string[] = [];
  let heldCharacters = 0;
  let number = 0;
  let current: { readonly block: BlockText; readonly parts: string[]; readonly isNote: boolean } | undefined;
  let author = '';
  let inAuthor = false;
  let prefixed = false;

  function hold(text: string): void {
    heldCharacters += text.length;
    if (heldCharacters > MAX_HELD_CHARACTERS) {
      throw new SourceFailure('document-too-large', 'The document has more notes than can be taken: split it.');
    }
    current?.parts.push(text);
  }

  return {
    get open() {
      return current !== undefined;
    },
    mark() {
      number += 1;
      return `[^${number}]`;
    },
    begin(isNote) {
      const block = createBlockText(hold);
      current = { block, parts: [], isNote };
      author = '';
      prefixed = false;
      return block;
    },
    paragraph() {
      if (!current) return undefined;
      const prefix = prefixed ? '' : current.isNote ? `[^${number}]: ` : commentBy(author);
      prefixed = true;
      return { prefix, list: 'notes' };
    },
    openAuthor() {
      inAuthor = current !== undefined;
    },
    closeAuthor() {
      inAuthor = false;
    },
    author(part) {
      if (inAuthor && author.length < MAX_TITLE_CHARACTERS) author += part;
      return inAuthor;
    },
    close() {
      if (current) held.push(current.parts.join(''));
      current = undefined;
    },
    flush(block) {
      for (const text of held) {
        block.begin({ list: 'notes' });
        block.write(text);
      }
      held = [];
    },
  };
}
