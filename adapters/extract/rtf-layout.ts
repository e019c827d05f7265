import { type Block, type BlockText, createBlockText, heading, listItem, MAX_SPACES } from './block-text.ts';
import { createHeldNotes } from './held-notes.ts';

/** Of what text is, where it stands. */
export interface RtfParagraph {
  /** 1 to 9: a heading. */
  readonly level: number | undefined;
  /** Of a list in a list, from 0. */
  readonly depth: number;
  readonly inTable: boolean;
  readonly breaksPage: boolean;
  /** A comment is a note as well. */
  readonly within: 'note' | 'shape' | undefined;
}

/** Puts together what an RTF document says one word after another: where a paragraph, a cell and a row end, but not where they begin. */
export interface RtfLayout {
  text(text: string, its: RtfParagraph): void;
  /** What an item of a list begins with. */
  bullet(sign: string): void;
  endParagraph(its: RtfParagraph): void;
  /** Until its end, all is in it, whether it says so or not. */
  beginRow(): void;
  endCell(its: RtfParagraph): void;
  endRow(its: RtfParagraph): void;
  breakPage(its: RtfParagraph): void;
  /** @param breaksPage whether the one that comes next begins on a page of its own, asked as it begins. */
  endSection(breaksPage: () => boolean): void;
  /** @param its where it is referred to. */
  openNote(its: RtfParagraph): void;
  openComment(author: string): void;
  closeNote(): void;
  /** A text box, whose paragraphs stand between those before and after it. */
  openShape(): void;
  closeShape(): void;
  end(): void;
}

export function createRtfLayout(out: (text: string) => void): RtfLayout {
  const block = createBlockText(out);
  const notes = createHeldNotes();
  let note: BlockText | undefined;
  let noteBegun = false;
  /** Whether this paragraph has text; and where it has not, whether it goes on after a text box. */
  let begun = false;
  let goesOn = false;
  /** Spaces before its text. */
  let indentation = '';
  const outside: boolean[] = [];
  let bullet: string | undefined;
  const open = { table: false, row: false, cell: false };
  let rowDefined = false;
  let sectionBreaks: (() => boolean) | undefined;

  function blockOf({ level, depth }: RtfParagraph): Block {
    const number = bullet?.trim() ?? '';
    // One sign alone, in whatever font, is no number and no letter of a list.
    const isNumber = number.length > 1;
    if (goesOn) return {};
    if (level !== undefined)
      return { ...heading(level), prefix: heading(level).prefix + (isNumber ? `${number} ` : '') };
    if (bullet === undefined) return {};
    const item = listItem(depth);
    return isNumber ? { ...item, prefix: item.prefix!.replace('-', () => number) } : item;
  }

  function inCell({ inTable }: RtfParagraph): boolean {
    return inTable || rowDefined;
  }

  function enterCell(): void {
    if (!open.table) block.openTable();
    if (!open.row) block.row();
    if (!open.cell) block.cell();
    Object.assign(open, { table: true, row: true, cell: true });
  }

  function leaveTable(): void {
    if (open.row) block.endRow();
    if (open.table) block.closeTable();
    Object.assign(open, { table: false, row: false, cell: false });
    rowDefined = false;
  }

  function nextParagraph(): void {
    begun = false;
    indentation = '';
    goesOn = false;
    bullet = undefined;
  }

  function inNote(text: string, to: BlockText): void {
    if (!noteBegun) to.begin(notes.paragraph());
    noteBegun = true;
    to.write(text);
  }

  function text(part: string, its: RtfParagraph): void {
    // Spaces alone begin nothing, and a table does not end with them.
    if (part.trim() === '' && !(note ? noteBegun : begun)) {
      if (!note && indentation.length < MAX_SPACES) indentation += part;
      return;
    }
    if (note) {
      inNote(part, note);
      return;
    }
    if (inCell(its)) enterCell();
    else leaveTable();
    if (!begun) {
      if (sectionBreaks?.() || its.breaksPage) block.pageBreak();
      sectionBreaks = undefined;
      block.begin(blockOf(its));
    }
    begun = true;
    block.write(indentation + part);
    indentation = '';
  }

  function closeNote(): void {
    if (note) notes.close();
    note = undefined;
  }

  return {
    text,
    bullet(sign) {
      bullet = sign;
    },
    endParagraph(its) {
      noteBegun = false;
      if (note) return;
      // What says that it is in no table ends one that was never ended.
      if (!its.inTable && its.within === undefined) leaveTable();
      nextParagraph();
    },
    beginRow() {
      if (!note) rowDefined = true;
    },
    endCell(its) {
      if (note) return text(' ', its);
      enterCell();
      open.cell = false;
      nextParagraph();
    },
    endRow(its) {
      if (note) return text(' ', its);
      if (open.row) block.endRow();
      Object.assign(open, { row: false, cell: false });
      rowDefined = false;
      nextParagraph();
    },
    breakPage(its) {
      if (note || inCell(its)) return;
      leaveTable();
      block.pageBreak();
    },
    endSection(breaksPage) {
      if (note) return;
      leaveTable();
      nextParagraph();
      sectionBreaks = breaksPage;
    },
    openNote(its) {
      if (note) return;
      text(notes.mark(), its);
      note = notes.begin(true);
      noteBegun = false;
    },
    openComment(author) {
      if (note) return;
      note = notes.begin(false);
      notes.openAuthor();
      notes.author(author);
      notes.closeAuthor();
      noteBegun = false;
    },
    closeNote,
    openShape() {
      outside.push(begun);
      begun = false;
    },
    closeShape() {
      goesOn = outside.pop() === true;
      begun = false;
    },
    end() {
      closeNote();
      leaveTable();
      notes.flush(block);
      block.end();
    },
  };
}
