import { outlineByName } from './docx-styles.ts';
import { MAX_HELD_ENTRIES, MAX_TITLE_CHARACTERS } from './limits.ts';
import { tooManyEntries } from './ooxml.ts';

/** The styles of an RTF document, by which a paragraph is a heading that does not say so itself. */
export interface RtfStyles {
  /** A control word in the definition of a style. */
  control(word: string, parameter: number | undefined): void;
  name(part: string): void;
  endStyle(): void;
  /** @returns 1 to 9 for a heading. */
  levelOf(style: number | undefined): number | undefined;
}

interface Style {
  readonly level: number | undefined;
  readonly base: number | undefined;
}

/** A style has what the one has that it is based on; a chain longer than this is a circle. */
const MAX_BASES = 20;

export function createRtfStyles(): RtfStyles {
  const styles = new Map<number, Style>();
  let number = 0;
  let base: number | undefined;
  let level: number | undefined;
  let name = '';

  return {
    control(word, parameter) {
      if (word === 's') number = parameter ?? 0;
      else if (word === 'sbasedon') base = parameter;
      else if (word === 'outlinelevel') level = (parameter ?? 0) + 1;
    },
    name(part) {
      if (name.length < MAX_TITLE_CHARACTERS) name += part;
    },
    endStyle() {
      if (styles.size === MAX_HELD_ENTRIES) throw tooManyEntries();
      styles.set(number, { level: level ?? outlineByName(name.replace(/;\s*$/, '').trim()), base });
      number = 0;
      base = undefined;
      level = undefined;
      name = '';
    },
    levelOf(style) {
      let next = style;
      for (let count = 0; next !== undefined && count < MAX_BASES; count += 1) {
        const found = styles.get(next);
        if (found?.level !== undefined) return headingLevel(found.level);
        next = found?.base;
      }
      return undefined;
    },
  };
}

/** Beyond 9 is body text, which a style based on a heading may go back to. */
export function headingLevel(outline: number): number | undefined {
  return outline >= 1 && outline <= 9 ? outline : undefined;
}
