import { SourceFailure } from '../../domain/errors.ts';
import { type Block, createBlockText, heading, listItem } from './block-text.ts';
import { createHeldNotes } from './held-notes.ts';
import { createOdfSpaces } from './odf-spaces.ts';
import { createOdfStyles } from './odf-styles.ts';
import type { Attribute, XmlHandler } from './xml-reader.ts';

export interface OdfBody {
  readonly handler: XmlHandler;
  /** @returns how many pages there were, of a presentation or a drawing. */
  end(): number | undefined;
}

/** What was deleted, hidden or is said of a picture is not the document's text. */
const SKIPPED = new Set([
  'text:tracked-changes',
  'text:ruby-text',
  'text:note-citation',
  'text:hidden-text',
  'office:forms',
  'svg:title',
  'svg:desc',
]);

const STYLED = new Set(['text:p', 'text:h', 'text:span']);

/** These are the same on every slide. */
const DECORATION = new Set(['header', 'footer', 'date-time', 'page-number']);

/** Reads paragraphs, lists and tables, and the pages that they stand on. */
export function createOdfBody(write: (text: string) => void, maxPages: number): OdfBody {
  let main = createBlockText(write);
  let block = main;
  let pages: number | undefined;
  const notes = createHeldNotes();
  const styles = createOdfStyles();
  const spaces = createOdfSpaces();
  /** Of each paragraph that is open, more than one where a frame stands in one: whether it has text. Undefined is a note in one. */
  const paragraphs: (boolean | undefined)[] = [];
  /** Of each list that is open: whether its item has had a paragraph. */
  const items: boolean[] = [];
  let place: string | undefined;
  let inSlideNotes = false;
  let slideNotesBegun = false;

  function put(text: string): void {
    if (paragraphs.at(-1) === undefined) return;
    if (text.trim() !== '') paragraphs[paragraphs.length - 1] = true;
    block.write(text);
  }

  function openParagraph(name: string, attribute: Attribute): void {
    const style = attribute('text:style-name');
    paragraphs.push(false);
    spaces.begin();
    if (!notes.open && styles.breaksPage(style)) block.pageBreak();
    const level = name === 'text:h' ? Number(attribute('text:outline-level') ?? 1) || 1 : undefined;
    block.begin(notes.paragraph() ?? slideNote() ?? blockOf(level ?? styles.headingLevel(style)));
  }

  function blockOf(level: number | undefined): Block {
    if (level !== undefined || place === 'title') return heading(level ?? 1);
    if (items.length === 0) return {};
    const first = !items.at(-1);
    items[items.length - 1] = true;
    const item = listItem(items.length - 1);
    return first ? item : { prefix: item.prefix!.replace('-', ' '), list: 'items' };
  }

  function slideNote(): Block | undefined {
    if (!inSlideNotes) return undefined;
    const prefix = slideNotesBegun ? '' : 'Notes: ';
    slideNotesBegun = true;
    return { prefix, list: 'notes' };
  }

  /** What stood before a frame in a paragraph goes on after it as another one. */
  function closeFrame(): void {
    if (paragraphs.at(-1)) block.begin();
  }

  function openPage(): void {
    if (pages === maxPages) {
      throw new SourceFailure('document-too-large', `The presentation has more than ${maxPages} slides: split it.`);
    }
    if (pages !== undefined) {
      main.end();
      write('\f');
      main = createBlockText(write);
      block = main;
    }
    pages = (pages ?? 0) + 1;
    slideNotesBegun = false;
  }

  function openNote(name: string): void {
    if (name === 'text:note') put(notes.mark());
    block = notes.begin(name === 'text:note');
    paragraphs.push(undefined);
  }

  function closeNote(): void {
    notes.close();
    paragraphs.pop();
    block = main;
  }

  function openCell(attribute: Attribute): void {
    const count = Math.min(MAX_COLUMNS, Number(attribute('table:number-columns-repeated') ?? 1) || 1);
    for (let index = 0; index < count; index += 1) block.cell();
  }

  function isHidden(name: string, attribute: Attribute): boolean {
    if (name === 'text:section') return attribute('text:display') === 'none';
    return STYLED.has(name) && styles.hides(attribute('text:style-name'));
  }

  const opens: ReadonlyMap<string, (attribute: Attribute, name: string) => unknown> = new Map([
    ['text:p', (attribute: Attribute) => openParagraph('text:p', attribute)],
    ['text:h', (attribute: Attribute) => openParagraph('text:h', attribute)],
    ['text:list', () => items.push(true)],
    ['text:list-item', () => startItem(false)],
    ['text:list-header', () => startItem(true)],
    ['text:note', () => openNote('text:note')],
    ['office:annotation', () => openNote('office:annotation')],
    ['dc:creator', () => notes.openAuthor()],
    ['table:table', () => block.openTable()],
    ['table:table-row', () => block.row()],
    ['table:table-cell', openCell],
    ['table:covered-table-cell', openCell],
    ['draw:page', openPage],
    ['draw:frame', (attribute: Attribute) => openFrame(attribute('presentation:class'))],
    ['presentation:notes', () => setInSlideNotes(true)],
  ]);

  const closes: ReadonlyMap<string, () => void> = new Map([
    ['text:p', () => void paragraphs.pop()],
    ['text:h', () => void paragraphs.pop()],
    ['text:list', () => void items.pop()],
    ['text:note', closeNote],
    ['office:annotation', closeNote],
    ['dc:creator', () => notes.closeAuthor()],
    ['table:table-row', () => block.endRow()],
    ['table:table', () => block.closeTable()],
    ['draw:text-box', closeFrame],
    ['draw:page', () => notes.flush(main)],
    ['draw:frame', () => openFrame(undefined)],
    ['presentation:notes', () => setInSlideNotes(false)],
  ]);

  function startItem(without: boolean): void {
    if (items.length > 0) items[items.length - 1] = without;
  }

  function openFrame(next: string | undefined): 'skip' | undefined {
    place = next;
    return next !== undefined && DECORATION.has(next) ? 'skip' : undefined;
  }

  function setInSlideNotes(next: boolean): void {
    inSlideNotes = next;
  }

  return {
    handler: {
      open(name, attribute) {
        if (SKIPPED.has(name) || isHidden(name, attribute)) return 'skip';
        styles.open(name, attribute);
        const space = spaces.element(name, attribute);
        if (space !== undefined) put(space);
        return opens.get(name)?.(attribute, name) === 'skip' ? 'skip' : undefined;
      },
      close: (name) => closes.get(name)?.(),
      text(part) {
        if (!notes.author(part)) put(spaces.text(part));
      },
    },
    end() {
      notes.flush(main);
      main.end();
      return pages;
    },
  };
}

/** The same as of a table of Word: see block-text.ts. */
const MAX_COLUMNS = 1_000;
