import type { RtfParagraph } from './rtf-layout.ts';
import type { DESTINATIONS } from './rtf-words.ts';

/** What the text of a group is. */
export type Destination = 'text' | 'skipped' | 'title' | (typeof DESTINATIONS)[keyof typeof DESTINATIONS];

/** What is said of text until its group ends. */
export interface Group extends Omit<RtfParagraph, 'level'> {
  readonly destination: Destination;
  /** Of a group in two versions, the second of which is in Unicode and is the one to read. */
  readonly outer?: Destination;
  /** Characters after one in Unicode that stand for it in old readers. */
  readonly fallback: number;
  readonly font: number | undefined;
  readonly hidden: boolean;
  readonly style: number | undefined;
  /** 1 to 10, from its own words and not its style's. */
  readonly outline: number | undefined;
}

/** What a paragraph is that says nothing of itself. */
export const PARAGRAPH = { style: undefined, outline: undefined, depth: 0, inTable: false, breaksPage: false };

export const TOP: Group = {
  destination: 'text',
  fallback: 1,
  font: undefined,
  hidden: false,
  ...PARAGRAPH,
  within: undefined,
};
