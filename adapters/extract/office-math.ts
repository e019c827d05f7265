import { MAX_CELL_CHARACTERS } from './limits.ts';
import type { Attribute } from './xml-reader.ts';

/**
 * Formulas of Word and PowerPoint in one line, as people type them: `(a+b)/2`, `x^2`, `√(x+1)`. Their letters alone would make
 * 12 of a half.
 */
export interface OfficeMath {
  open(name: string, attribute: Attribute): void;
  close(name: string): void;
  /** @returns whether the text is part of a formula, and is written when that has ended. */
  take(text: string): boolean;
}

/** An element that is open in a formula. */
interface Frame {
  readonly name: string;
  readonly operands: (readonly [name: string, line: string])[];
  /** By the element that says so: the signs that stand around or between the operands. */
  readonly signs: Map<string, string>;
  line: string;
  /** What the line ends with stood for several, and its last letter is not to grow together with the next. */
  endsInStructure: boolean;
}

const OPERANDS = new Set(['m:e', 'm:num', 'm:den', 'm:sub', 'm:sup', 'm:deg', 'm:lim', 'm:fName', 'm:mr']);

const SIGNS = new Set(['m:chr', 'm:begChr', 'm:endChr', 'm:sepChr', 'm:type']);

/** Elements open inside one another, two for a fraction. A formula that people read has some ten. */
const MAX_FRAMES = 200;

/** Longer ones have brackets, and are not looked through at every level again. */
const MAX_ATOM_CHARACTERS = 64;

/** A sign has one character, or two with what stands above it. */
const MAX_SIGN_CHARACTERS = 16;

/** A number, one sign, or one letter with what stands above it: no brackets are needed around it. */
const ATOM = /^(?:[\p{N}.,]+|\p{L}[\p{M}′']*|[∞∅…\p{Sm}])?$/u;

/** What stands above a letter as a sign of its own, as it is on a letter. */
const ACCENTS: ReadonlyMap<string, string> = new Map([
  ['^', '\u0302'],
  ['ˆ', '\u0302'],
  ['~', '\u0303'],
  ['˜', '\u0303'],
  ['¯', '\u0304'],
  ['‾', '\u0304'],
  ['˙', '\u0307'],
  ['¨', '\u0308'],
  ['→', '\u20d7'],
]);

const STRUCTURES: ReadonlyMap<string, (frame: Frame) => string> = new Map([
  ['m:f', fraction],
  ['m:sSup', scripts],
  ['m:sSub', scripts],
  ['m:sSubSup', scripts],
  ['m:sPre', (frame: Frame) => scriptsOf(frame) + bracketed(operand(frame, 'm:e'))],
  ['m:rad', root],
  ['m:nary', (frame: Frame) => `${frame.signs.get('m:chr') ?? '∫'}${scriptsOf(frame)} ${operand(frame, 'm:e')}`],
  ['m:limLow', (frame: Frame) => `${operand(frame, 'm:e')}_${bracketed(operand(frame, 'm:lim'))}`],
  ['m:limUpp', over],
  ['m:func', (frame: Frame) => `${operand(frame, 'm:fName')} ${operand(frame, 'm:e')}`],
  ['m:acc', accented],
  ['m:d', delimited],
  ['m:mr', (frame: Frame) => all(frame, ', ')],
  ['m:m', (frame: Frame) => all(frame, '; ')],
  ['m:eqArr', (frame: Frame) => all(frame, '; ')],
]);

function operand({ operands }: Frame, wanted: string): string {
  return operands.find(([name]) => name === wanted)?.[1] ?? '';
}

function all({ operands }: Frame, between: string): string {
  return operands.map(([, line]) => line).join(between);
}

function bracketed(line: string): string {
  return line.length <= MAX_ATOM_CHARACTERS && ATOM.test(line) ? line : `(${line})`;
}

function fraction(frame: Frame): string {
  const bar = frame.signs.get('m:type') === 'noBar' ? '¦' : '/';
  return `${bracketed(operand(frame, 'm:num'))}${bar}${bracketed(operand(frame, 'm:den'))}`;
}

function scriptsOf(frame: Frame): string {
  const [below, above] = [operand(frame, 'm:sub'), operand(frame, 'm:sup')];
  return (below === '' ? '' : `_${bracketed(below)}`) + (above === '' ? '' : `^${bracketed(above)}`);
}

function scripts(frame: Frame): string {
  return bracketed(operand(frame, 'm:e')) + scriptsOf(frame);
}

function root(frame: Frame): string {
  const [degree, inside] = [operand(frame, 'm:deg'), operand(frame, 'm:e')];
  return degree === '' ? `√${bracketed(inside)}` : `√(${degree}&${inside})`;
}

function over(frame: Frame): string {
  const [inside, above] = [operand(frame, 'm:e'), operand(frame, 'm:lim')];
  const accent = ACCENTS.get(above);
  return accent !== undefined && /^\p{L}$/u.test(inside) ? inside + accent : `${inside}^${bracketed(above)}`;
}

/** Unicode has accents for one letter, and none over several. */
function accented(frame: Frame): string {
  const inside = operand(frame, 'm:e');
  return /^\p{L}$/u.test(inside) ? inside + (frame.signs.get('m:chr') ?? '\u0302') : inside;
}

function delimited(frame: Frame): string {
  const { signs } = frame;
  return (signs.get('m:begChr') ?? '(') + all(frame, signs.get('m:sepChr') ?? '|') + (signs.get('m:endChr') ?? ')');
}

/** @param write what a formula has become. */
export function createOfficeMath(write: (text: string) => void): OfficeMath {
  const frames: Frame[] = [];
  let plain = '';
  /** So long or so deep that it is none: its letters are text like any other. */
  let passes = false;

  function pass(): void {
    if (!passes && plain !== '') write(plain);
    passes = true;
  }

  function end(frame: Frame): void {
    const structure = STRUCTURES.get(frame.name);
    const line = structure ? (frame.line + structure(frame)).trimEnd() : frame.line;
    const outer = frames.at(-1);
    if (!outer) {
      if (!passes && line !== '') write(line);
      passes = false;
      plain = '';
    } else if (OPERANDS.has(frame.name) && STRUCTURES.has(outer.name)) outer.operands.push([frame.name, line]);
    else append(outer, line, structure !== undefined);
  }

  return {
    open(name, attribute) {
      const top = frames.at(-1);
      if (name === 'm:oMath' || (top && (OPERANDS.has(name) || STRUCTURES.has(name)))) {
        frames.push({ name, operands: [], signs: new Map(), line: '', endsInStructure: false });
        if (frames.length > MAX_FRAMES) pass();
      } else if (top && SIGNS.has(name)) {
        top.signs.set(name, (attribute('m:val') ?? '').slice(0, MAX_SIGN_CHARACTERS));
      }
    },
    close(name) {
      if (frames.at(-1)?.name === name) end(frames.pop()!);
    },
    take(text) {
      const top = frames.at(-1);
      if (!top || passes) return false;
      plain += text;
      if (plain.length > MAX_CELL_CHARACTERS) pass();
      else append(top, text, false);
      return true;
    },
  };
}

function append(frame: Frame, text: string, isStructure: boolean): void {
  if (text === '') return;
  const ends = /[\p{L}\p{M}\p{N}]$/u.test(frame.line.slice(-2));
  const growsTogether = frame.endsInStructure ? /^[\p{L}\p{N}]/u.test(text) : isStructure && /^\p{N}/u.test(text);
  frame.line += (ends && growsTogether ? ' ' : '') + text;
  frame.endsInStructure = isStructure;
}
