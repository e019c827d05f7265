import { MAX_SPACES } from './block-text.ts';
import type { Attribute } from './xml-reader.ts';

/** Spaces in the text of a paragraph: any number of them is one, and what counts is written as elements. */
export interface OdfSpaces {
  /** A paragraph begins. */
  begin(): void;
  text(part: string): string;
  /** @returns what an element stands for; undefined for one that is no space. */
  element(name: string, attribute: Attribute): string | undefined;
}

export function createOdfSpaces(): OdfSpaces {
  let afterSpace = true;

  function element(name: string, attribute: Attribute): string | undefined {
    if (name === 'text:tab') return '\t';
    if (name === 'text:line-break') return '\n';
    if (name !== 'text:s') return undefined;
    return ' '.repeat(Math.max(0, Math.min(MAX_SPACES, Number(attribute('text:c') ?? 1) || 0)));
  }

  return {
    begin() {
      afterSpace = true;
    },
    text(part) {
      const single = part.replace(/[ \t\n\r]+/g, ' ');
      const text = afterSpace && single.startsWith(' ') ? single.slice(1) : single;
      if (single !== '') afterSpace = single.endsWith(' ');
      return text;
    },
    element(name, attribute) {
      const text = element(name, attribute);
      if (text !== undefined) afterSpace = false;
      return text;
    },
  };
}
