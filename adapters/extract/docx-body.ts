import { type Block, type BlockText, heading, listItem } from './block-text.ts';
import { isPast } from './docx-sections.ts';
import type { DocxStyles } from './docx-styles.ts';
import { createOfficeMath } from './office-math.ts';
import { symbolOf } from './symbol-fonts.ts';
import type { Attribute, XmlHandler } from './xml-reader.ts';

export interface DocxBodyOptions {
  readonly block: BlockText;
  readonly styles: DocxStyles;
  /** @returns what stands in the text for a note. */
  mark(kind: 'footnotes' | 'endnotes', id: string): string;
  /** Of each section, in their order, whether a page ends before it. Default: one does. */
  readonly sections?: readonly boolean[];
  /** What every paragraph is. Default: by its style. */
  readonly paragraph?: () => Block;
}

interface Paragraph {
  inProperties: boolean;
  style?: string;
  outline?: number;
  listId?: string;
  listDepth?: number;
  pageBreakBefore: boolean;
  /** Goes on where the one before it was, whose end was deleted. */
  readonly joined: boolean;
  endDeleted: boolean;
  endsSection: boolean;
  written: boolean;
}

/** Text that is deleted in a tracked change, hidden or an older device's variant is not the document's text. */
const SKIPPED = new Set(['w:tabs', 'w:rt', 'mc:Fallback']);

/** Reads what paragraphs and tables are made of, in the document's body and in its notes. */
export function createDocxBody({ block, styles, mark, sections = [], paragraph }: DocxBodyOptions): XmlHandler {
  /** More than one where a text box stands in a paragraph. */
  const paragraphs: Paragraph[] = [];
  /** Of each table that is open: whether its row was deleted. */
  const deletedRows: boolean[] = [];
  let inRowProperties = false;
  let joinNext = false;
  let section = 0;
  let inText = false;
  let areSpacesKept = false;
  let hidden = false;

  const blockOf = (its: Paragraph) => paragraph?.() ?? styledBlock(its, styles);

  const math = createOfficeMath(put);

  function write(text: string): void {
    if (!hidden && !math.take(text)) put(text);
  }

  function put(text: string): void {
    const its = paragraphs.at(-1);
    if (its) its.written = true;
    block.write(text);
  }

  function openParagraph(): void {
    const its = {
      inProperties: false,
      pageBreakBefore: false,
      joined: joinNext,
      endDeleted: false,
      endsSection: false,
      written: false,
    };
    joinNext = false;
    paragraphs.push(its);
    if (!its.joined) block.begin(blockOf(its));
  }

  function closeProperties(): void {
    const its = paragraphs.at(-1);
    if (!its) return;
    its.inProperties = false;
    if (its.pageBreakBefore) block.pageBreak();
    if (!its.joined) block.begin(blockOf(its));
  }

  function closeParagraph(): void {
    const its = paragraphs.pop();
    joinNext = its?.endDeleted === true;
    if (!its?.endsSection) return;
    section += 1;
    if (sections[section] ?? true) block.pageBreak();
  }

  function closeTextBox(): void {
    const host = paragraphs.at(-1);
    if (host) block.begin(host.written ? {} : blockOf(host));
  }

  function deleted(): 'skip' {
    const its = paragraphs.at(-1);
    if (its?.inProperties) its.endDeleted = true;
    if (inRowProperties) deletedRows[deletedRows.length - 1] = true;
    return 'skip';
  }

  function openInProperties(its: Paragraph, name: string, attribute: Attribute): void {
    const value = attribute('w:val');
    if (name === 'w:pStyle') its.style = value;
    else if (name === 'w:outlineLvl') its.outline = Number(value) + 1;
    else if (name === 'w:ilvl') its.listDepth = Number(value);
    else if (name === 'w:numId') its.listId = value;
    else if (name === 'w:pageBreakBefore') its.pageBreakBefore = isOn(value);
    else if (name === 'w:sectPr') its.endsSection = true;
  }

  function openInTable(name: string, attribute: Attribute): 'skip' | undefined {
    if (name === 'w:tc' && deletedRows.at(-1)) return 'skip';
    joinNext = false;
    if (name === 'w:tbl') {
      deletedRows.push(false);
      block.openTable();
    } else if (name === 'w:tr') {
      deletedRows[deletedRows.length - 1] = false;
      block.row();
    } else if (name === 'w:tc') block.cell();
    else if (name === 'w:trPr') inRowProperties = true;
    else if (name === 'w:gridSpan') block.widen(Number(attribute('w:val')) || 1);
    else if (name === 'w:gridBefore') for (let count = skippedCells(attribute); count > 0; count -= 1) block.cell();
    return undefined;
  }

  const inRun: ReadonlyMap<string, (attribute: Attribute) => void> = new Map([
    ['w:t', (attribute: Attribute) => openText(attribute)],
    ['m:t', (attribute: Attribute) => openText(attribute)],
    ['w:vanish', (attribute: Attribute) => hide(attribute)],
    ['w:tab', () => write('\t')],
    ['w:ptab', () => write('\t')],
    ['w:cr', () => write('\n')],
    ['w:br', (attribute: Attribute) => (attribute('w:type') === 'page' ? block.pageBreak() : write('\n'))],
    ['w:noBreakHyphen', () => write('\u2011')],
    ['w:sym', (attribute: Attribute) => write(symbolOf(attribute('w:font'), attribute('w:char')))],
    ['w:footnoteReference', (attribute: Attribute) => write(mark('footnotes', attribute('w:id') ?? ''))],
    ['w:endnoteReference', (attribute: Attribute) => write(mark('endnotes', attribute('w:id') ?? ''))],
  ]);

  function openText(attribute: Attribute): void {
    inText = true;
    areSpacesKept = attribute('xml:space') === 'preserve';
  }

  /** Between words a space is one, whether a writer says so or not; before the first it may be how the XML is laid out. */
  function textOf(part: string): string {
    const text = part.replace(/[\t\n\r]+/g, ' ');
    return areSpacesKept || paragraphs.at(-1)?.written ? text : text.trimStart();
  }

  function hide(attribute: Attribute): void {
    hidden = isOn(attribute('w:val'));
  }

  const closes: ReadonlyMap<string, () => void> = new Map([
    ['w:p', closeParagraph],
    ['w:pPr', closeProperties],
    ['w:txbxContent', closeTextBox],
    ['w:tr', () => block.endRow()],
    ['w:tbl', closeTable],
    ['w:trPr', closeRowProperties],
    ['w:r', closeRun],
    ['m:r', closeRun],
    ['w:t', closeText],
    ['m:t', closeText],
  ]);

  function closeTable(): void {
    deletedRows.pop();
    block.closeTable();
  }

  function closeRowProperties(): void {
    inRowProperties = false;
  }

  function closeRun(): void {
    hidden = false;
  }

  function closeText(): void {
    inText = false;
  }

  return {
    open(name, attribute) {
      if (SKIPPED.has(name) || isPast(name)) return 'skip';
      if (name === 'w:del' || name === 'w:moveFrom') return deleted();
      const its = paragraphs.at(-1);
      if (its?.inProperties) openInProperties(its, name, attribute);
      else if (name === 'w:p') openParagraph();
      else if (name === 'w:pPr' && its) its.inProperties = true;
      else if (TABLE.has(name)) return openInTable(name, attribute);
      else inRun.get(name)?.(attribute);
      math.open(name, attribute);
      return undefined;
    },
    close(name) {
      closes.get(name)?.();
      math.close(name);
    },
    text(part) {
      if (inText) write(textOf(part));
    },
  };
}

const TABLE = new Set(['w:tbl', 'w:tr', 'w:trPr', 'w:tc', 'w:gridSpan', 'w:gridBefore']);

function skippedCells(attribute: Attribute): number {
  return Math.min(MAX_SKIPPED_CELLS, Number(attribute('w:val')) || 0);
}

/** Word has no more columns. */
const MAX_SKIPPED_CELLS = 63;

function isOn(value: string | undefined): boolean {
  return value === undefined || !['0', 'false', 'off'].includes(value);
}

/** What the paragraph says itself goes before what its style says. */
function styledBlock({ style, outline, listId, listDepth }: Paragraph, styles: DocxStyles): Block {
  const its = styles.of(style);
  const level = outline === undefined ? its.headingLevel : outline <= 9 ? outline : undefined;
  if (level !== undefined) return heading(level);
  if (listId === '0') return {};
  if (listId !== undefined) return listItem(listDepth ?? its.listDepth ?? 0);
  return its.listDepth === undefined ? {} : listItem(its.listDepth);
}
