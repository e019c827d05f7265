/** Paragraphs as lines and table rows as lines with tabs, out of what an RTF document says where it is. */
export interface RtfLines {
  text(text: string): void;
  /** What an item of a list begins with. */
  bullet(text: string): void;
  tab(): void;
  /** `within` a cell or a note, where a line has to go on. */
  paragraph(within: boolean): void;
  /** Ends a line that was begun. */
  breakLine(): void;
  cell(): void;
  row(): void;
}

export function createRtfLines(out: (text: string) => void): RtfLines {
  let lineBegun = false;
  /** Ends of cells that nothing has followed yet in their row. */
  let cells = 0;
  let space = false;
  let prefix = '';

  function endLine(): void {
    out('\n');
    lineBegun = false;
    cells = 0;
    space = false;
    prefix = '';
  }

  function text(part: string): void {
    if (part === '') return;
    if (cells > 0) out('\t'.repeat(cells));
    else if (space && lineBegun) out(' ');
    out(prefix + part);
    lineBegun = true;
    cells = 0;
    space = false;
    prefix = '';
  }

  return {
    text,
    bullet(sign) {
      const trimmed = sign.trim();
      // One sign alone, in whatever font, is no number and no letter of a list.
      prefix = trimmed.length < 2 ? '- ' : `${trimmed} `;
    },
    tab() {
      if (prefix === '') text('\t');
    },
    paragraph(within) {
      if (within) space = true;
      else endLine();
    },
    breakLine() {
      if (lineBegun || cells > 0) endLine();
    },
    cell() {
      cells += 1;
      lineBegun = true;
      space = false;
    },
    row() {
      if (cells > 1) out('\t'.repeat(cells - 1));
      if (lineBegun) endLine();
    },
  };
}
