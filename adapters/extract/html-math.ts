import { createOfficeMath } from './office-math.ts';

/** Formulas of pages, which tell by the order of their parts what those of Word tell by their names. */
export interface HtmlMath {
  /** @returns whether the element is part of a formula. */
  open(name: string): boolean;
  /** @returns whether it was. */
  close(): boolean;
  /** @returns whether the text is part of a formula, and is written when that has ended. */
  take(text: string): boolean;
  /** What begins here is in no formula, whether that was closed or not. */
  leave(): void;
}

const STRUCTURES: Readonly<Record<string, readonly [structure: string, ...operands: string[]]>> = {
  mfrac: ['m:f', 'm:num', 'm:den'],
  msup: ['m:sSup', 'm:e', 'm:sup'],
  msub: ['m:sSub', 'm:e', 'm:sub'],
  msubsup: ['m:sSubSup', 'm:e', 'm:sub', 'm:sup'],
  munderover: ['m:sSubSup', 'm:e', 'm:sub', 'm:sup'],
  munder: ['m:limLow', 'm:e', 'm:lim'],
  mover: ['m:limUpp', 'm:e', 'm:lim'],
  mroot: ['m:rad', 'm:e', 'm:deg'],
  mtable: ['m:m'],
  mtr: ['m:mr'],
};

/** What is in these is one part, however many elements that is. */
const WRAPPERS: Readonly<Record<string, readonly string[]>> = { msqrt: ['m:rad', 'm:e'], mtd: ['m:e'] };

/** They are not shown: they say the formula once more in another language, or keep a place empty. */
const SILENT = new Set(['annotation', 'annotation-xml', 'mphantom', 'script', 'style']);

interface Element {
  /** What was opened for it, the innermost first. */
  readonly opened: readonly string[];
  readonly operands: readonly string[];
  readonly isSilent: boolean;
  children: number;
}

/** @param write what a formula has become, in one line. */
export function createHtmlMath(write: (text: string) => void): HtmlMath {
  const math = createOfficeMath(write);
  const elements: Element[] = [];

  function enter(opened: readonly string[], operands: readonly string[], isSilent: boolean): void {
    for (const name of opened) math.open(name, () => undefined);
    elements.push({ opened: opened.toReversed(), operands, isSilent, children: 0 });
  }

  function close(): boolean {
    const element = elements.pop();
    for (const name of element?.opened ?? []) math.close(name);
    return element !== undefined;
  }

  return {
    open(prefixed) {
      const name = prefixed.replace(/^(?:m|mml):/, '');
      const outer = elements.at(-1);
      if (!outer) {
        if (name === 'math') enter(['m:oMath'], [], false);
        return name === 'math';
      }
      const part = outer.operands[outer.children];
      outer.children += 1;
      const [structure, ...operands] = Object.hasOwn(STRUCTURES, name) ? STRUCTURES[name]! : [];
      const wrappers = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name]! : [];
      const opened = [part, structure, ...wrappers].filter((each) => each !== undefined);
      enter(opened, operands, outer.isSilent || SILENT.has(name));
      return true;
    },
    close,
    take(text) {
      const element = elements.at(-1);
      if (!element) return false;
      // Spaces are between elements only, and signs that are not seen say what to multiply and what to apply.
      const seen = text.replace(/[\u2061\u00a0]/g, ' ').replace(/[\u2062-\u2064]/g, '');
      return element.isSilent || seen.trim() === '' || math.take(seen);
    },
    leave() {
      while (close());
    },
  };
}
