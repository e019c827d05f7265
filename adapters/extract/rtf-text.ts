import { SourceFailure } from '../../domain/errors.ts';
import { MAX_RTF_DEPTH, MAX_TITLE_CHARACTERS } from './limits.ts';
import { createRtfFonts } from './rtf-fonts.ts';
import { type Destination, type Group, PARAGRAPH, TOP } from './rtf-group.ts';
import { createRtfLayout, type RtfParagraph } from './rtf-layout.ts';
import { createRtfStyles, headingLevel } from './rtf-styles.ts';
import { createRtfTokens } from './rtf-tokens.ts';
import {
  ALIASES,
  CHARACTERS,
  DESTINATIONS,
  HIDEABLE,
  MARKED_TEXT,
  NOTES,
  SKIPPED,
  symbolOfField,
} from './rtf-words.ts';

/** As much of a group is decoded at once; in the middle of it a character of two bytes may come out as U+FFFD. */
const MAX_BYTES = 64 * 1024;

export interface RtfText {
  write(bytes: Buffer): void;
  /** Nothing may be written after it. */
  end(): { readonly title?: string };
}

/**
 * RTF in, text out, as it comes: what block-text.ts makes of paragraphs, lists, tables and pages, then the notes and comments.
 * Headers, footers, hidden and deleted text are left out.
 */
export function createRtfText(out: (text: string) => void): RtfText {
  const layout = createRtfLayout(out);
  const styles = createRtfStyles();
  const fonts = createRtfFonts();
  const outer: Group[] = [];
  let group = TOP;
  let ended = false;
  /** The group begins with `\*`: old readers are to skip it if they do not know its word. */
  let marked = false;
  let bytes = '';
  /** Characters to come that the last one in Unicode is instead of. */
  let instead = 0;
  let title = '';
  let bullet = '';
  let author = '';
  let instruction = '';
  /** What the field shows is known from its instruction. */
  let fieldWritten = false;
  /** Of this section, the first page of which is told with what it begins. */
  let sectionBreaksPage = true;

  function paragraph(): RtfParagraph {
    const { outline, style } = group;
    return { ...group, level: outline === undefined ? styles.levelOf(style) : headingLevel(outline) };
  }

  function emit(text: string): void {
    if (group.hidden) return;
    if (group.destination === 'text') layout.text(text, paragraph());
    else if (group.destination === 'styles') styles.name(text);
    else if (group.destination === 'fonts') fonts.name(text);
    else if (group.destination === 'instruction') instruction = limited(instruction, text);
    else if (group.destination === 'bullet') bullet = limited(bullet, text);
    else if (group.destination === 'author') author = limited(author, text);
    else if (group.destination === 'title') title = limited(title, text);
  }

  function flush(): void {
    if (bytes === '') return;
    const text = fonts.decode(bytes, group.font);
    bytes = '';
    emit(text);
  }

  function open(): void {
    flush();
    instead = 0;
    if (ended) return;
    outer.push(group);
    if (outer.length > MAX_RTF_DEPTH) {
      throw new SourceFailure(
        'document-too-deep',
        `The RTF nests its groups more than ${MAX_RTF_DEPTH} deep: save it again with a word processor.`,
      );
    }
  }

  function close(): void {
    flush();
    instead = 0;
    const inner = group;
    group = outer.pop() ?? TOP;
    ended ||= outer.length === 0;
    if (group.destination === 'text') endOf(inner.destination);
    if (inner.destination === 'styles' && group.destination === 'styles') styles.endStyle();
    if (inner.within === group.within) return;
    if (inner.within === 'note') layout.closeNote();
    if (inner.within === 'shape') layout.closeShape();
  }

  /** A group in the text, which was none of it. */
  function endOf(destination: Destination): void {
    if (destination === 'bullet') {
      layout.bullet(bullet);
      bullet = '';
    } else if (destination === 'instruction') {
      const symbol = symbolOfField(instruction);
      fieldWritten = symbol !== undefined;
      instruction = '';
      emit(symbol ?? '');
    }
  }

  function text(part: string): void {
    marked = false;
    if (ended || group.destination === 'skipped') return;
    const from = Math.min(instead, part.length);
    instead -= from;
    bytes += part.slice(from);
    if (bytes.length > MAX_BYTES) flush();
  }

  function control(word: string, parameter: number | undefined): void {
    const begins = marked;
    marked = word === '*';
    if (ended || marked) return;
    flush();
    if (begins && !MARKED_TEXT.has(word)) group = { ...group, destination: 'skipped' };
    if (group.destination === 'skipped') {
      if (word === 'ud' && group.outer) group = { ...group, destination: group.outer };
      return;
    }
    const character = CHARACTERS.get(word);
    if (instead > 0 && character !== undefined) {
      instead -= 1;
      return;
    }
    instead = 0;
    if (character !== undefined) emit(character);
    else if (group.destination === 'fonts') fonts.define(word, parameter);
    else if (group.destination === 'styles') styles.control(word, parameter);
    else if (!into(word) && !formatted(word, parameter) && group.destination === 'text') structure(word, parameter);
  }

  /** @returns whether a group of its own begins with the word. */
  function into(word: string): boolean {
    if (SKIPPED.has(word)) group = { ...group, destination: 'skipped' };
    else if (word === 'upr') group = { ...group, destination: 'skipped', outer: group.destination };
    else if (word === 'title' && group.destination === 'information') group = { ...group, destination: 'title' };
    else if (word === 'fldrslt' && fieldWritten) {
      fieldWritten = false;
      group = { ...group, destination: 'skipped' };
    } else if (Object.hasOwn(DESTINATIONS, word)) {
      group = { ...group, destination: DESTINATIONS[word as keyof typeof DESTINATIONS] };
      if (group.destination === 'author') author = '';
    } else return false;
    return true;
  }

  /** @returns whether the word is about the characters that follow, in whatever they are part of. */
  function formatted(word: string, parameter: number | undefined): boolean {
    if (word === 'u') {
      emit(fonts.character((parameter ?? 0) & 0xffff, group.font));
      instead = group.fallback;
    } else if (word === 'uc') group = { ...group, fallback: Math.max(0, parameter ?? 1) };
    else if (word === 'f') group = { ...group, font: parameter };
    else if (word === 'plain') group = { ...group, font: undefined, hidden: false };
    else if (word === 'v' || word === 'deleted') group = { ...group, hidden: parameter !== 0 };
    else return fonts.document(word, parameter);
    return true;
  }

  const STRUCTURE = new Map<string, (parameter: number | undefined) => void>(
    Object.entries({
      par: () => layout.endParagraph(paragraph()),
      line: () => layout.text('\n', paragraph()),
      tab: () => layout.text('\t', paragraph()),
      page: () => layout.breakPage(paragraph()),
      pard: () => set(PARAGRAPH),
      s: (style) => set({ style }),
      outlinelevel: (level) => set({ outline: (level ?? 0) + 1 }),
      ilvl: (depth) => set({ depth: depth ?? 0 }),
      pagebb: (on) => set({ breaksPage: on !== 0 }),
      intbl: () => set({ inTable: true }),
      trowd: layout.beginRow,
      field: () => {
        fieldWritten = false;
      },
      // A table in a cell is read with it.
      nestcell: () => layout.text(' ', paragraph()),
      cell: () => layout.endCell(paragraph()),
      row: () => layout.endRow(paragraph()),
      sect: () => layout.endSection(() => sectionBreaksPage),
      sectd: () => breakSections(true),
      sbkpage: () => breakSections(true),
      sbknone: () => breakSections(false),
      footnote: () => note(() => layout.openNote(paragraph())),
      annotation: () => note(() => layout.openComment(author)),
      shptxt: () => {
        if (group.within !== undefined) return;
        layout.openShape();
        set({ within: 'shape' });
      },
    } satisfies Record<string, (parameter: number | undefined) => void>),
  );

  function set(properties: Partial<Group>): void {
    group = { ...group, ...properties };
  }

  function breakSections(breaks: boolean): void {
    sectionBreaksPage = breaks;
  }

  function note(open: () => void): void {
    if (group.within === 'note') return;
    open();
    set({ ...PARAGRAPH, within: 'note' });
  }

  function structure(word: string, parameter: number | undefined): void {
    const known = ALIASES.get(word) ?? word;
    if (!group.hidden || !HIDEABLE.has(known)) STRUCTURE.get(known)?.(parameter);
    // Notes of what is hidden are no less so, whatever they say of themselves.
    else if (NOTES.has(known)) set({ destination: 'skipped' });
  }

  const tokens = createRtfTokens({ open, close, control, text });
  return {
    write: tokens.write,
    end() {
      tokens.end();
      flush();
      layout.end();
      const trimmed = title.replace(/\s+/g, ' ').trim();
      return trimmed === '' ? {} : { title: trimmed };
    },
  };
}

function limited(text: string, more: string): string {
  return text.length < MAX_TITLE_CHARACTERS ? text + more : text;
}
